"""Whom the portal believes: each refusal alone, folders that change, and the validator's traps."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures.trust import Trust, TrustError
from tests.unit import portal_pki as pki


@pytest.fixture
def folder(tmp_path: Path) -> pki.TrustFolder:
    return pki.TrustFolder(tmp_path)


@pytest.fixture
def authority(folder: pki.TrustFolder) -> pki.Authority:
    made = pki.Authority()
    folder.anchor(made)
    folder.crl(made.crl())
    return made


def code(folder: pki.TrustFolder, card: pki.Card) -> str:
    with pytest.raises(Refused) as caught:
        Trust(folder.folders).validate(card.der, pki.NOW)
    return caught.value.code


def test_yes_with_its_evidence(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    card = authority.issue()
    evidence = Trust(folder.folders).validate(card.der, pki.NOW)
    assert evidence.chain[0] == card.der
    assert len(evidence.chain) == 2
    assert [crl.number for crl in evidence.crls] == ["7"]
    assert evidence.time == pki.NOW


@pytest.mark.parametrize("key_usage", [pki.usage(digital_signature=True), pki.usage(content_commitment=True)])
def test_either_key_usage_will_do(folder: pki.TrustFolder, authority: pki.Authority, key_usage: x509.KeyUsage) -> None:
    assert Trust(folder.folders).validate(authority.issue(key_usage=key_usage).der, pki.NOW)


def test_revoked(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.crl(authority.crl(120, 121, 122))
    assert code(folder, authority.issue(121)) == "certificate_revoked"


def test_a_foreign_ca_of_the_same_name(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    foreign = pki.Authority(pki.ISSUER, pki.rsa_key("another authority"))
    assert code(folder, foreign.issue()) == "certificate_untrusted"


def test_a_ca_that_renewed_its_key(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    """Cards of both keys, each by its own list: a namesake's is not asked."""
    renewed = [pki.Authority(pki.ISSUER, pki.rsa_key(f"renewed {number}")) for number in range(3)]
    for number, each in enumerate(renewed):
        folder.anchor(each, f"renewed-{number}")
        folder.crl(each.crl(120), f"renewed-{number}")
    trust = Trust(folder.folders)
    for each in (authority, *renewed):
        evidence = trust.validate(each.issue().der, pki.NOW)
        assert len(evidence.chain) == 2
        assert [crl.der for crl in evidence.crls] == [each.crl(*(() if each is authority else (120,)))]
    assert trust.validate(authority.issue(120).der, pki.NOW)
    assert code(folder, renewed[1].issue(120)) == "certificate_revoked"


def test_a_ca_that_renewed_its_key_below_a_root(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    name = x509.Name.from_rfc4514_string("CN=Cards,C=JP")
    for number in range(3):
        below = pki.Authority(name, pki.rsa_key(f"below {number}"), authority)
        folder.intermediate(below, f"below-{number}")
        folder.crl(below.crl(), f"below-{number}")
        assert len(Trust(folder.folders).validate(below.issue().der, pki.NOW).chain) == 3


def test_a_namesakes_list_is_none_of_the_cards_ca(folder: pki.TrustFolder) -> None:
    old, renewed = pki.Authority(), pki.Authority(pki.ISSUER, pki.rsa_key("renewed"))
    folder.anchor(old)
    folder.anchor(renewed, "renewed")
    folder.crl(old.crl())
    assert code(folder, renewed.issue()) == "revocation_unavailable"


def test_a_foreign_ca(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    foreign = pki.Authority(x509.Name.from_rfc4514_string("CN=Foreign,C=JP"), pki.rsa_key("another authority"))
    assert code(folder, foreign.issue()) == "certificate_untrusted"


def test_a_leaf_that_signed_itself(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    alone = pki.Authority(pki.subject(), pki.rsa_key("alone"))
    assert code(folder, pki.Card(alone.certificate, alone.key)) == "certificate_untrusted"


def test_a_card_cannot_issue_cards(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    card = authority.issue()
    folder.intermediate(_as_authority(card), "card")
    issued = _as_authority(card).issue(5)
    assert code(folder, issued) == "certificate_untrusted"


def _as_authority(card: pki.Card) -> pki.Authority:
    made = pki.Authority(card.certificate.subject, card.key)
    made.certificate = card.certificate
    return made


def test_expired(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    assert code(folder, authority.issue(until=pki.NOW - timedelta(minutes=1))) == "certificate_expired"


def test_not_yet_valid(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    assert code(folder, authority.issue(since=pki.NOW + timedelta(hours=1))) == "certificate_not_yet_valid"


def test_no_revocation_list(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    (folder.folders.crls / "ca.crl").unlink()
    assert code(folder, authority.issue()) == "revocation_unavailable"


def test_a_stale_revocation_list(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.crl(authority.crl(since=pki.NOW - timedelta(days=9), until=pki.NOW - timedelta(days=2)))
    assert code(folder, authority.issue()) == "revocation_unavailable"


def test_a_revocation_list_that_another_key_signed(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.crl(authority.crl(key=pki.rsa_key("another authority")))
    assert code(folder, authority.issue()) == "revocation_unavailable"


@pytest.mark.parametrize("key_usage", [pki.usage(key_encipherment=True), pki.usage(key_agreement=True)])
def test_not_for_signatures(folder: pki.TrustFolder, authority: pki.Authority, key_usage: x509.KeyUsage) -> None:
    assert code(folder, authority.issue(key_usage=key_usage)) == "key_usage"


def test_key_usage_is_said_before_revocation(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    folder.crl(authority.crl(121))
    assert code(folder, authority.issue(121, key_usage=pki.usage(key_encipherment=True))) == "key_usage"


def test_a_ca_certificate_signs_no_statements(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    usage = pki.usage(digital_signature=True, key_cert_sign=True)
    assert code(folder, authority.issue(ca=True, key_usage=usage)) == "key_usage"


def test_no_anchors_no_trust(tmp_path: Path) -> None:
    trust = Trust(TrustFolders(tmp_path / "a", tmp_path / "b", tmp_path / "c"))
    assert trust.anchors == 0
    with pytest.raises(Refused, match="certificate_untrusted"):
        trust.validate(pki.Authority().issue().der, pki.NOW)


def test_a_new_revocation_list_counts_at_once(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    trust, card = Trust(folder.folders), authority.issue()
    trust.validate(card.der, pki.NOW)
    folder.crl(authority.crl(121, number=8))
    with pytest.raises(Refused, match="certificate_revoked"):
        trust.validate(card.der, pki.NOW)


def test_a_half_copied_list_changes_nothing(
    folder: pki.TrustFolder, authority: pki.Authority, caplog: pytest.LogCaptureFixture
) -> None:
    trust = Trust(folder.folders)
    folder.crl(authority.crl(121)[:-10])
    with caplog.at_level(logging.ERROR):
        assert trust.validate(authority.issue().der, pki.NOW)
    assert "ca.crl" in caplog.text
    with pytest.raises(TrustError, match=r"ca\.crl"):
        Trust(folder.folders)


def test_a_file_that_is_no_certificate(folder: pki.TrustFolder) -> None:
    (folder.folders.anchors / "x.pem").write_bytes(b"not a certificate")
    with pytest.raises(TrustError, match=r"x\.pem"):
        Trust(folder.folders)


def test_an_anchors_name_constraints_hold(folder: pki.TrustFolder) -> None:
    """The validator ignores them by default."""
    only = x509.Name.from_rfc4514_string("O=Elsewhere,C=JP")
    authority = _constrained(x509.NameConstraints([x509.DirectoryName(only)], None))
    folder.anchor(authority)
    folder.crl(authority.crl())
    assert code(folder, authority.issue()) == "certificate_untrusted"


def test_an_anchor_with_constraints_that_cannot_be_checked(folder: pki.TrustFolder) -> None:
    """The validator would raise TypeError at each validation."""
    other = x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\x00")
    folder.anchor(_constrained(x509.NameConstraints([other], None)))
    with pytest.raises(TrustError):
        Trust(folder.folders).validate(pki.Authority().issue().der, pki.NOW)


def _constrained(constraints: x509.NameConstraints) -> pki.Authority:
    made = pki.Authority()
    builder = (
        x509.CertificateBuilder(
            made.name, made.name, made.key.public_key(), 1, pki.NOW - timedelta(1), pki.NOW + timedelta(99)
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(pki.usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(constraints, critical=True)
    )
    made.certificate = builder.sign(made.key, hashes.SHA256())
    return made


def test_refusals_leave_no_traceback_in_the_log(
    folder: pki.TrustFolder, authority: pki.Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """The validator logs one for each revocation list that it cannot use."""
    folder.crl(authority.crl(key=pki.rsa_key("another authority")))
    with caplog.at_level(logging.DEBUG):
        code(folder, authority.issue())
    assert "Traceback" not in caplog.text
    assert [record for record in caplog.records if record.name.startswith("pyhanko")] == []


def test_several_paths_end_in_time(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    """Eight intermediates of one subject and key, which all fit: configured ones only, so an officer's doing."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sub")])
    subs = [pki.Authority(name, pki.rsa_key("sub"), authority) for _ in range(8)]
    for index, sub in enumerate(subs):
        folder.intermediate(sub, f"sub{index}")
    folder.crl(subs[0].crl(), "sub")
    begun = time.monotonic()
    assert Trust(folder.folders).validate(subs[0].issue().der, pki.NOW)
    assert time.monotonic() - begun < 10
