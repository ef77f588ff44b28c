"""Lists that ended a short while ago: believed for as long as the settings say, below the anchors that they say."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from portal.refusals import Refused
from portal.settings import Grace, SettingsError, parse_settings
from portal.signatures.trust import Trust
from tests.unit import portal_pki as pki
from tests.unit.test_portal_evidence import restored

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = pki.NOW


def sha256(authority: pki.Authority) -> str:
    return hashlib.sha256(authority.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


class Desk:
    """A CA whose list ended two hours ago."""

    def __init__(self, root: Path) -> None:
        self.ca, self.folder = pki.Authority(), pki.TrustFolder(root)
        self.folder.anchor(self.ca)
        self.folder.crl(self.ca.crl(120, since=NOW - DAY, until=NOW - 2 * HOUR))

    def trust(self, hours: int | None, anchor: pki.Authority | None = None) -> Trust:
        graces = () if hours is None else (Grace(sha256(anchor or self.ca), hours),)
        return Trust(replace(self.folder.folders, grace=graces))

    def refusal(self, trust: Trust, card: pki.Card) -> str:
        with pytest.raises(Refused) as caught:
            trust.validate(card.der, NOW)
        return caught.value.code


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "trust")


def test_within_the_grace_it_is_believed_and_says_so(desk: Desk, tmp_path: Path) -> None:
    card = desk.ca.issue(7)
    found = desk.trust(2).validate(card.der, NOW)
    record = found.record()
    assert (record["graceHours"], record["judgedAt"]) == (2, (NOW - 2 * HOUR).isoformat())
    assert (record["verifiedAt"], "expired" in record) == (NOW.isoformat(), False)
    assert len(record["crls"]) == 1
    again = restored(record, dict(found.data()), tmp_path / "again")
    with pytest.raises(Refused, match="revocation_unavailable"):  # only who grants the grace believes it
        again.validate(card.der, NOW)
    again = Trust(replace(again._folders, grace=(Grace(sha256(desk.ca), 2),)))
    assert again.validate(card.der, NOW).record() == record


@pytest.mark.parametrize(("hours", "other"), [(None, False), (1, False), (100, True)])
def test_without_or_beyond_it_or_below_another_anchor_it_is_not(desk: Desk, hours: int | None, other: bool) -> None:
    anchor = pki.Authority(pki.ISSUER, pki.rsa_key("another")) if other else None
    assert desk.refusal(desk.trust(hours, anchor), desk.ca.issue(7)) == "revocation_unavailable"


def test_a_second_after_its_end_it_is_over(desk: Desk) -> None:
    trust, card = desk.trust(2), desk.ca.issue(7)
    with pytest.raises(Refused, match="revocation_unavailable"):
        trust.validate(card.der, NOW + timedelta(seconds=1))


def test_who_was_revoked_is_refused(desk: Desk) -> None:
    assert desk.refusal(desk.trust(5), desk.ca.issue(120)) == "certificate_revoked"


def test_who_a_list_of_another_time_names_is_refused(desk: Desk) -> None:
    desk.folder.crl(desk.ca.crl(7, since=NOW + HOUR, until=NOW + DAY, number=9), "tomorrow")
    assert desk.refusal(desk.trust(5), desk.ca.issue(7)) == "certificate_revoked"
    desk.trust(5).validate(desk.ca.issue(8).der, NOW)


def test_what_has_expired_since_is_refused(desk: Desk) -> None:
    card = desk.ca.issue(7, since=NOW - 9 * DAY, until=NOW - HOUR)
    assert desk.refusal(desk.trust(5), card) == "certificate_expired"


def test_what_was_issued_since_is_refused(desk: Desk) -> None:
    assert desk.refusal(desk.trust(5), desk.ca.issue(7, since=NOW - HOUR)) == "revocation_unavailable"


def test_a_current_list_needs_no_grace(desk: Desk) -> None:
    desk.folder.crl(desk.ca.crl(since=NOW - HOUR, number=8), "new")
    found = desk.trust(5).validate(desk.ca.issue(7).der, NOW)
    assert (found.grace_hours, found.judged_at) == (None, None)


def test_it_is_the_anchors_for_all_below_it(desk: Desk) -> None:
    desk.folder.crl(desk.ca.crl(120, since=NOW - DAY, until=NOW + DAY))
    sub = pki.Authority(x509.Name.from_rfc4514_string("CN=Cards,C=JP"), pki.rsa_key("cards"), desk.ca)
    desk.folder.intermediate(sub)
    desk.folder.crl(sub.crl(since=NOW - DAY, until=NOW - HOUR), "sub")
    assert desk.trust(1).validate(sub.issue(7).der, NOW).grace_hours == 1
    assert desk.refusal(desk.trust(1, sub), sub.issue(7)) == "revocation_unavailable"


@pytest.mark.parametrize("hours", [0, 169])
def test_a_grace_has_bounds(tmp_path: Path, hours: int) -> None:
    with pytest.raises(SettingsError, match=r"trust\.grace"):
        parse_settings({"trust": {"grace": [{"anchor": "0" * 64, "hours": hours}]}}, tmp_path)
