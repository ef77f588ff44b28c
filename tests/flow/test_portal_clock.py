"""A portal's clock that is put forward and back while bidders are at it, and that passes closing time and midnight."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest_asyncio

from portal.signatures.certificate import TOKYO
from tests.flow.mail_server import Post, mail_server
from tests.flow.portal_crowd import Bidder, Crowd, Ledger
from tests.flow.portal_judge import judge
from tests.flow.portal_post import arrived, mails
from tests.flow.portal_program import Program, confirmed, contractor, settled, signed, started
from tests.flow.stepping_clock import Clock
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)  # a Tuesday


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(300)])
        yield found


async def test_a_clock_that_is_put_forward_and_back_and_passes_closing_time(made: World, tmp_path: Path) -> None:
    """Nothing is lost, spent or sent twice. The mails wait all the while: some were tried by a clock that was ahead."""
    clock, post = Clock(tmp_path), Post(to_sender=deque(["451 4.3.2 not now"] * 1000))
    async with mail_server(post) as port:
        settings = settled(made, mails(port), hours="")  # 8:30 to 20:00
        made.trust.crl(made.authority.crl(since=MORNING - DAY, until=MORNING + 3 * DAY))
        clock.set(MORNING)
        async with started(made, env=clock.env) as portal:
            crowd = Crowd(made, [portal.address], bidders=4, begin=10)
            await _step(crowd, clock, portal)
            post.to_sender.clear()
            await arrived(made, post)
            await _pass_closing_time(crowd.ledger, clock, portal)
            await arrived(made, post)
            await portal.end()
    await judge(settings, made.root / "portal.sqlite3", crowd.ledger)


async def _step(crowd: Crowd, clock: Clock, portal: Program) -> None:
    """While everybody is at it; a nonce that was spent stays spent, whatever the time."""
    first, second = await _two_for_one_nonce(portal, crowd.ledger)
    assert (await first.send(portal))[0] == 200
    async with crowd.busy():
        await crowd.more(3)
        for now in (MORNING + HOUR, MORNING - HOUR, MORNING + DAY + 2 * HOUR, MORNING + HOUR / 4):
            await clock.turn(now, portal)
            assert (await second.send(portal))[0] in (403, 409)
            await crowd.more(3)
    # Visits last an hour without use, what is to be signed a quarter of one; nobody was told anything else.
    assert crowd.ledger.refused.keys() <= {"session_ended", "nonce_expired", "handover_expired", "page 403"}


async def _pass_closing_time(ledger: Ledger, clock: Clock, portal: Program) -> None:
    """Who has begun may end it, who has not may not; what was typed is there in the morning."""
    slow, late = (portal.made.authority.issue(serial, key=pki.rsa_key("card")) for serial in (6001, 6002))
    typed = {**FORM, "company_fax": "083-934-9999"}
    async with portal.visitor() as person, portal.visitor() as typist:
        await clock.turn(datetime(2026, 11, 24, 19, 59, 15, tzinfo=TOKYO), portal)
        cms = await signed(person, 1, slow)
        await typist.login(late)
        await typist.submit("/registration/search", {**SEARCH, "number": contractor(2).number})
        await clock.turn(datetime(2026, 11, 24, 20, 1, tzinfo=TOKYO), portal)
        assert await _status(portal, "/registration/menu") == 503
        assert (await Bidder(person.cookie, person.token, cms, ledger).send(portal))[0] == 200
        await clock.turn(datetime(2026, 11, 24, 20, 16, tzinfo=TOKYO), portal)
        assert (await typist.submit("/registration/form", {**typed, "step": "confirm"})).status == 503
    await clock.turn(datetime(2026, 11, 25, 0, 0, 15, tzinfo=TOKYO), portal)
    assert await _status(portal, "/registration/menu") == 503
    await clock.turn(datetime(2026, 11, 25, 8, 31, tzinfo=TOKYO), portal)
    async with portal.visitor() as person:
        await person.login(late)
        form = await person.get("/registration/form")
        assert {name: form.value(name) for name in typed} == typed
        confirm = await person.submit("/registration/form", {**typed, "step": "confirm"})
        cms = portal.made.signed(await person.statement(confirm), late)
        assert (await Bidder(person.cookie, person.token, cms, ledger).send(portal))[0] == 200


async def _status(portal: Program, path: str) -> int:
    async with portal.visitor() as person:
        return (await person.get(path)).status


async def _two_for_one_nonce(portal: Program, ledger: Ledger) -> list[Bidder]:
    card = portal.made.authority.issue(6000, key=pki.rsa_key("card"))
    async with portal.visitor() as person:
        request = await confirmed(person, 0, card)
        times = ("2026-11-24T00:00:00Z", "2026-11-24T00:00:01Z")
        both = [portal.made.signed(request, card, issuedAt=time) for time in times]
        return [Bidder(person.cookie, person.token, cms, ledger) for cms in both]
