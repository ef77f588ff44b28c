"""An expired certificate that may still hand over: judged at its last valid moment, by the lists of then and of now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.signatures.trust import Trust
from tests.unit import portal_pki as pki

EXPIRY = pki.NOW - timedelta(days=20)


@pytest.fixture
def folder(tmp_path: Path) -> pki.TrustFolder:
    return pki.TrustFolder(tmp_path)


def of_then(authority: pki.Authority, *revoked: int, key: pki.Key | None = None) -> bytes:
    """The list that was current when the card expired."""
    since, until = EXPIRY - timedelta(days=1), EXPIRY + timedelta(days=6)
    return authority.crl(*revoked, since=since, until=until, number=5, key=key)


@pytest.fixture
def authority(folder: pki.TrustFolder) -> pki.Authority:
    """A CA whose list of the time of expiry was kept, and whose current one is there."""
    made = pki.Authority()
    folder.anchor(made)
    folder.crl(made.crl())
    folder.past_crl(of_then(made))
    return made


def expired(authority: pki.Authority, **given: object) -> pki.Card:
    return authority.issue(since=EXPIRY - timedelta(days=900), until=EXPIRY, **given)  # type: ignore[arg-type]  # a test's own


def code(folder: pki.TrustFolder, card: pki.Card) -> str:
    with pytest.raises(Refused) as caught:
        Trust(folder.folders).validate_expired(card.der, pki.NOW)
    return caught.value.code


def test_good_at_its_last_moment_and_the_evidence_says_so(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    card = expired(authority)
    evidence = Trust(folder.folders).validate_expired(card.der, pki.NOW)
    assert (evidence.time, evidence.judged_at) == (pki.NOW, EXPIRY)
    assert [crl.number for crl in evidence.crls] == ["5", "7"]
    record = evidence.record()
    assert (record["expired"], record["judgedAt"]) == (True, EXPIRY.isoformat())


def test_a_valid_one_is_judged_now(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    evidence = Trust(folder.folders).validate_expired(authority.issue().der, pki.NOW)
    assert evidence.judged_at is None
    assert not {"expired", "judgedAt"} & evidence.record().keys()


def test_everywhere_else_it_is_expired(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    with pytest.raises(Refused, match="certificate_expired"):
        Trust(folder.folders).validate(expired(authority).der, pki.NOW)


def test_revoked_while_it_was_valid(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.past_crl(of_then(authority, 121))
    assert code(folder, expired(authority)) == "certificate_revoked"


def test_revoked_after_the_list_of_then(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    """Between its last list and its expiry: only the next list knew."""
    since, until = EXPIRY + timedelta(days=1), EXPIRY + timedelta(days=8)
    folder.past_crl(authority.crl(121, since=since, until=until, number=6), "next")
    assert code(folder, expired(authority)) == "certificate_revoked"


def test_revoked_in_the_current_list(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.crl(authority.crl(121, number=8))
    assert code(folder, expired(authority)) == "certificate_revoked"


def test_without_a_list_of_then(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    (folder.folders.past_crls / "ca.crl").unlink()
    assert code(folder, expired(authority)) == "revocation_unavailable"


def test_with_a_list_of_then_that_another_key_signed(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.past_crl(of_then(authority, key=pki.rsa_key("another authority")))
    assert code(folder, expired(authority)) == "revocation_unavailable"


def test_without_a_current_list(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.crl(authority.crl(since=pki.NOW - timedelta(days=9), until=pki.NOW - timedelta(days=2)))
    assert code(folder, expired(authority)) == "revocation_unavailable"


def test_with_a_current_list_that_another_key_signed(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.crl(authority.crl(key=pki.rsa_key("another authority")))
    assert code(folder, expired(authority)) == "revocation_unavailable"


def test_a_broken_past_list_is_no_yes(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.past_crl(b"not a list", "broken")
    assert code(folder, expired(authority)) == "revocation_unavailable"
    assert Trust(folder.folders).validate(authority.issue().der, pki.NOW)  # which needs no past lists


def test_an_expired_card_of_a_stranger(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    foreign = pki.Authority(pki.ISSUER, pki.rsa_key("another authority"))
    assert code(folder, expired(foreign)) == "certificate_untrusted"


def test_an_authority_that_was_not_valid_then(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    sub = pki.Authority(pki.subject("中間", "CA"), pki.rsa_key("sub"), authority)  # since a year ago
    before = pki.NOW - timedelta(days=400)
    card = sub.issue(since=before - timedelta(days=500), until=before)
    folder.intermediate(sub)
    folder.past_crl(sub.crl(since=before - timedelta(days=1), until=before + timedelta(days=1)), "sub")
    assert code(folder, card) == "certificate_untrusted"


def test_a_key_for_something_else(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    assert code(folder, expired(authority, key_usage=pki.usage(key_encipherment=True))) == "key_usage"
