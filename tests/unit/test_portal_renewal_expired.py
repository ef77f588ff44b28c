"""ICカード更新 by an old card that has expired: refused, or accepted for the hand-over where the agency says so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.renewal.settings import ExpiredCard, RenewalSettings
from tests.unit.portal_world import refused
from tests.unit.renewal_world import EXPIRED, Desk, expired_desk


@pytest.fixture
async def late(tmp_path: Path) -> AsyncIterator[Desk]:
    async with expired_desk(tmp_path) as opened:
        opened.made.configure(renewal=RenewalSettings(expired_old_card=ExpiredCard.ACCEPT))
        yield opened


async def expired_handover(at: Desk) -> Any:
    session = await at.made.portal.visits.start()
    await at.hand_over(session, old=at.old.der)
    return session


async def test_an_expired_card_is_refused_unless_the_agency_accepts_it(late: Desk) -> None:
    late.made.configure(renewal=RenewalSettings())
    session = await late.made.portal.visits.start()
    assert await refused(late.renewals.handovers.begin(session, old=late.old.der)) == "old_card_expired"
    assert await refused(late.login()) == "certificate_expired"


async def test_a_card_that_expires_between_login_and_handover(late: Desk) -> None:
    late.made.configure(renewal=RenewalSettings())
    late.made.time = EXPIRED - timedelta(minutes=1)
    since, until = EXPIRED - timedelta(days=1), EXPIRED + timedelta(days=6)
    late.made.trust.crl(late.made.authority.crl(since=since, until=until))
    session = await late.login()
    request = await late.renewals.handovers.begin(session)
    late.made.wait(minutes=2)
    assert await refused(late.renewals.handovers.finish(session, late.made.signed(request, late.old))) == (
        "old_card_expired"
    )


async def test_an_expired_card_hands_over_without_a_login_and_the_evidence_says_so(late: Desk) -> None:
    session = await expired_handover(late)
    cms = await late.accept(session)
    done = await late.renewals.acceptances.finish(session, cms)
    assert (done.registration.serial, done.session.certificate) == ("122", late.new.der)
    rows = await late.rows("SELECT type, evidence FROM statements ORDER BY rowid")
    (handover, acceptance) = (json.loads(evidence) for _, evidence in rows[-2:])
    assert (handover["expired"], handover["judgedAt"]) == (True, EXPIRED.isoformat())
    assert [crl["number"] for crl in handover["crls"]] == ["5", "9"]
    assert "expired" not in acceptance
    lists = await late.rows("SELECT count(*) FROM revocation_lists")
    assert lists == [(3,)]  # of the registration, of then, of now


async def test_an_expired_card_still_cannot_log_in_or_accept(late: Desk) -> None:
    assert await refused(late.login()) == "certificate_expired"
    session = await expired_handover(late)
    gone = late.made.authority.issue(123, until=EXPIRED)
    assert await refused(late.renewals.acceptances.announce(session, gone.der)) == "certificate_expired"


async def test_an_expired_card_that_was_revoked(late: Desk) -> None:
    since, until = EXPIRED - timedelta(days=1), EXPIRED + timedelta(days=6)
    late.made.trust.past_crl(late.made.authority.crl(121, since=since, until=until, number=5))
    assert await refused(expired_handover(late)) == "certificate_revoked"


async def test_an_expired_card_that_is_not_registered(late: Desk) -> None:
    unknown = late.made.authority.issue(190, until=EXPIRED)
    other = replace(late, old=unknown)
    assert await refused(expired_handover(other)) == "not_registered"
    assert not await late.rows("SELECT 1 FROM renewals")


async def test_another_expired_cards_signature_under_the_announced_ones_name(late: Desk) -> None:
    session = await late.made.portal.visits.start()
    request = await late.renewals.handovers.begin(session, old=late.old.der)
    other = late.made.authority.issue(191, until=EXPIRED)
    assert await refused(late.renewals.handovers.finish(session, late.made.signed(request, other))) == (
        "certificate_mismatch"
    )


async def test_a_stranger_cannot_go_on_with_an_expired_cards_handover(late: Desk) -> None:
    await expired_handover(late)
    stranger = await late.made.portal.visits.start()
    assert await refused(late.renewals.acceptances.exchange(stranger)) == "handover_required"


async def test_a_stranger_with_an_expired_certificate_is_not_told_which_cards_are_registered(late: Desk) -> None:
    session = await late.made.portal.visits.start()
    assert await refused(late.renewals.handovers.begin(session, old=late.old.der, new=late.new.der)) == "login_required"
