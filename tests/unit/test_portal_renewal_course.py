"""ICカード更新 interrupted, repeated, late and from two places at once: it is done once, or nothing has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.renewal.settings import RenewalSettings
from tests.unit.portal_world import refused
from tests.unit.renewal_world import LATER, Desk, desk


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


# Time and visits


async def test_a_handover_waits_thirty_minutes_and_no_longer(at: Desk) -> None:
    session = await at.handed_over()
    at.made.wait(minutes=29)
    cms = await at.accept(session)
    at.made.wait(minutes=1)
    assert await refused(at.renewals.acceptances.exchange(session)) == "handover_expired"
    assert await refused(at.renewals.acceptances.finish(session, cms)) == "handover_expired"
    assert await at.unchanged()
    await at.hand_over(session)  # signed anew, it goes on
    assert (await at.renewals.acceptances.finish(session, await at.accept(session))).registration.serial == "122"


async def test_how_long_it_waits_is_the_agencys_choice(at: Desk) -> None:
    at.made.configure(renewal=RenewalSettings(handover_minutes=5))
    session = await at.login()
    terms = (await at.renewals.handovers.review(session))[2]
    assert {"label": "引継ぎの期限", "value": "署名から5分以内に1回"} in terms["value"]
    await at.hand_over(session)
    at.made.wait(minutes=5)
    assert await refused(at.renewals.acceptances.exchange(session)) == "handover_expired"


async def test_nonces_of_both_statements_end(at: Desk) -> None:
    session = await at.login()
    request = await at.renewals.handovers.begin(session)
    at.made.wait(minutes=15)
    assert await refused(at.renewals.handovers.finish(session, at.made.signed(request, at.old))) == "nonce_expired"
    await at.hand_over(session)
    cms = await at.accept(session)
    at.made.wait(minutes=15)
    assert await refused(at.renewals.acceptances.finish(session, cms)) == "nonce_expired"
    assert await at.unchanged()


async def test_a_visit_that_was_open_beside_does_not_take_the_handover(at: Desk) -> None:
    beside = await at.login()
    at.made.wait(seconds=1)
    session = await at.handed_over()
    assert await refused(at.renewals.acceptances.exchange(beside)) == "handover_elsewhere"
    assert await refused(at.renewals.acceptances.announce(beside, at.new.der)) == "handover_elsewhere"
    assert (await at.renewals.acceptances.exchange(session)).old.serial == "121"


async def test_after_a_new_login_of_the_old_card_it_is_taken_up_again(at: Desk) -> None:
    first = await at.handed_over()
    stale = await at.accept(first)
    at.made.wait(minutes=1)
    again = await at.login()
    cms = await at.accept(again)
    assert await refused(at.renewals.acceptances.finish(first, stale)) == "handover_elsewhere"
    assert (await at.renewals.acceptances.finish(again, cms)).registration.serial == "122"


async def test_closing_time_that_was_put_off_stays_so_for_the_new_cards_visit(at: Desk) -> None:
    session = await at.made.portal.visits.put_off_closing(await at.handed_over())
    done = await at.renewals.acceptances.finish(session, await at.accept(session))
    found = await at.made.portal.visits.find(done.session.id)
    assert found is not None
    assert (found.extended, done.session.extended) == (True, True)


async def test_a_restarted_portal_goes_on(at: Desk) -> None:
    session = await at.handed_over()
    await at.made.restart()
    cms = await at.accept(session)
    await at.made.restart()
    assert (await at.renewals.acceptances.finish(session, cms)).registration.serial == "122"


# Signatures for something else


async def test_the_handovers_signer_is_the_card_that_logged_in(at: Desk) -> None:
    session = await at.login()
    request = await at.renewals.handovers.begin(session)
    assert await refused(at.renewals.handovers.finish(session, at.made.signed(request, at.new))) == (
        "certificate_mismatch"
    )
    assert await refused(at.renewals.acceptances.exchange(session)) == "handover_required"


async def test_the_acceptances_signer_is_the_card_that_was_announced(at: Desk) -> None:
    other = at.made.authority.issue(123, until=LATER)
    session = await at.handed_over()
    await at.renewals.acceptances.announce(session, at.new.der)
    request = await at.renewals.acceptances.begin(session)
    for card in (other, at.old):
        assert await refused(at.renewals.acceptances.finish(session, at.made.signed(request, card))) == (
            "new_card_changed"
        )
    await at.renewals.acceptances.announce(session, other.der)  # another tab, another card: what was signed is void
    cms = at.made.signed(request, at.new)
    assert await refused(at.renewals.acceptances.finish(session, cms)) == "new_card_changed"
    assert await at.unchanged()


async def test_an_acceptance_of_a_handover_that_was_signed_anew(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    await at.hand_over(session)
    await at.renewals.acceptances.announce(session, at.new.der)
    assert await refused(at.renewals.acceptances.finish(session, cms)) == "handover_changed"
    assert await at.unchanged()


async def test_neither_statement_stands_for_the_other(at: Desk) -> None:
    session = await at.login()
    handover = await at.hand_over(session)
    acceptance = await at.accept(session)
    assert await refused(at.renewals.acceptances.finish(session, handover)) == "statement_type"
    assert await refused(at.renewals.handovers.finish(session, acceptance)) == "statement_type"


async def test_a_handover_is_good_once(at: Desk) -> None:
    session = await at.login()
    cms = await at.hand_over(session)
    at.made.wait(minutes=20)
    await at.renewals.handovers.finish(session, cms)  # its answer was lost: no second one, and no longer time
    assert await at.rows("SELECT count(*), max(expires) FROM renewals") == [(1, "2026-11-24T01:32:03.000000Z")]
    await at.hand_over(session)
    assert await refused(at.renewals.handovers.finish(session, cms)) == "nonce_spent"
    other = await at.login()
    assert await refused(at.renewals.handovers.finish(other, cms)) == "nonce_unknown"


async def test_a_double_click_hands_over_once(at: Desk) -> None:
    session = await at.login()
    cms = at.made.signed(await at.renewals.handovers.begin(session), at.old)
    await asyncio.gather(*(at.renewals.handovers.finish(session, cms) for _ in range(4)))
    assert await at.rows("SELECT count(*) FROM refusals") == [(0,)]


async def test_a_changed_hash_is_not_what_was_rendered(at: Desk) -> None:
    session = await at.handed_over()
    await at.renewals.acceptances.announce(session, at.new.der)
    request = await at.renewals.acceptances.begin(session)
    forged = at.made.signed(request, at.new, payload={**request.payload, "引継ぎの署名（SHA-256）": "0" * 64})
    assert await refused(at.renewals.acceptances.finish(session, forged)) == "renewal_changed"


async def test_a_new_card_revoked_while_it_was_asked(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    at.made.trust.crl(at.made.authority.crl(122, number=8))
    assert await refused(at.renewals.acceptances.finish(session, cms)) == "certificate_revoked"
    assert await at.unchanged()


async def test_a_new_card_registered_while_it_was_asked(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    await at.made.register(at.new)
    assert await refused(at.renewals.acceptances.finish(session, cms)) == "new_card_registered"


async def test_what_is_in_force_goes_over_whatever_became_of_the_qualification_data(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    await at.made.store.write(lambda db: db.execute("DELETE FROM contractors").rowcount)
    done = await at.renewals.acceptances.finish(session, cms)
    assert done.registration.contractor == at.registration.contractor


# Twice


async def test_the_identical_acceptance_again_gives_the_same_registration(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    first = await at.renewals.acceptances.finish(session, cms)
    lost = await at.made.portal.visits.find(session.id)  # its answer never came
    assert lost is not None
    second = await at.renewals.acceptances.finish(lost, cms)
    third = await at.renewals.acceptances.finish(first.session, cms)
    assert first.registration == second.registration == third.registration
    assert second.session.certificate == at.new.der
    assert third.session == first.session
    assert len(await at.rows("SELECT 1 FROM outbox WHERE subject LIKE '%ICカード更新%'")) == 1
    assert await at.rows("SELECT count(*) FROM refusals") == [(0,)]


async def test_a_double_click_renews_once(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    done = await asyncio.gather(*(at.renewals.acceptances.finish(session, cms) for _ in range(4)))
    assert {each.registration.certificate_sha256 for each in done} == {at.new.sha256}
    assert await at.made.count("registrations") == 2


async def test_the_acceptance_is_no_key_for_anybody_else(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    await at.renewals.acceptances.finish(session, cms)
    stranger = await at.made.portal.visits.start()
    assert await refused(at.renewals.acceptances.finish(stranger, cms)) == "handover_required"
    at.made.wait(minutes=15)
    assert await at.made.portal.visits.find(session.id) is None  # who lost the answer has had time to ask


async def test_two_renewals_of_one_card_at_once(at: Desk) -> None:
    """The same visit in two tabs, each with its own signed acceptance: one renewal, one refusal."""
    session = await at.handed_over()
    await at.renewals.acceptances.announce(session, at.new.der)
    request = await at.renewals.acceptances.begin(session)
    cms = [at.made.signed(request, at.new, issuedAt=f"2026-11-24T01:02:0{second}Z") for second in (4, 5)]
    results = await asyncio.gather(
        *(at.renewals.acceptances.finish(session, each) for each in cms), return_exceptions=True
    )
    assert [isinstance(each, Refused) for each in results].count(True) == 1
    assert await at.made.count("registrations") == 2
    assert len(await at.rows("SELECT 1 FROM history WHERE act = 'renewed'")) == 2


async def test_two_old_cards_and_one_new_one(at: Desk) -> None:
    """Both of a company's cards hand over to the same new card at once."""
    second = at.made.authority.issue(140)
    await at.made.register(second)
    await at.made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'registered'").rowcount)
    first = await at.handed_over()
    other = await at.login(second)
    request = await at.renewals.handovers.begin(other)
    await at.renewals.handovers.finish(other, at.made.signed(request, second))
    cms = [(each, await at.accept(each)) for each in (first, other)]
    results = await asyncio.gather(*(at.renewals.acceptances.finish(*each) for each in cms), return_exceptions=True)
    assert [each.code for each in results if isinstance(each, Refused)] == ["new_card_registered"]
    states = await at.rows("SELECT state, count(*) FROM registrations GROUP BY state ORDER BY state")
    assert states == [("registered", 2), ("replaced", 1)]
