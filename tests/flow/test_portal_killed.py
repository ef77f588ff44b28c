"""The portal as a program that is killed while bidders register, and two of them on one database.

`KILLS=500` kills it so often (`make portal-kills`); the run here is a short one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from aiohttp import ClientError

from tests.flow.portal_program import Program, confirmed, contractor, settled, signed, started
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world

KILLS = int(os.environ.get("KILLS", "4"))
BIDDERS = 6


@dataclass
class Bidder:
    """Signed and ready; `told` is the 企業ID that the portal acknowledged, once it did."""

    cookie: str
    token: str
    cms: bytes
    told: str = ""

    async def send(self, portal: Program) -> tuple[int, str]:
        """Status, and the 企業ID or the refusal's code. Raises ClientError where the portal goes away."""
        async with portal.visitor() as person:
            person.cookie, person.token = self.cookie, self.token
            status, answer = await person.finish("registration", self.cms)
        if status == 200:
            assert self.told in ("", answer["companyId"])
            self.told = answer["companyId"]
        return status, answer.get("companyId", answer.get("code", ""))


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(KILLS * BIDDERS + 10)])
        settled(found)
        yield found


async def ready(portal: Program, number: int) -> Bidder:
    card = portal.made.authority.issue(5000 + number, key=pki.rsa_key("card"))
    async with portal.visitor() as person:
        cms = await signed(person, number, card)
        return Bidder(person.cookie, person.token, cms)


async def test_whatever_was_acknowledged_is_there_and_nothing_by_half(made: World) -> None:
    """Killed in the middle of it; sent once more after the start, the same bytes end in one registration."""
    chance, everybody = random.Random(KILLS), list[Bidder]()
    for number in range(KILLS):
        async with started(made) as portal:
            await _send_again(portal, everybody)
            fresh = [await ready(portal, number * BIDDERS + each) for each in range(BIDDERS)]
            everybody += fresh
            await _kill_while_sending(portal, fresh, chance.uniform(0, 0.1))
        _check(made, everybody)
    async with started(made) as portal:
        await _send_again(portal, everybody)
        await portal.end()
    _check(made, everybody)
    assert len({bidder.told for bidder in everybody}) == len(everybody)


async def _kill_while_sending(portal: Program, bidders: list[Bidder], after: float) -> None:
    sending = [asyncio.create_task(bidder.send(portal)) for bidder in bidders]
    await asyncio.sleep(after)
    portal.process.kill()
    await portal.process.wait()
    for done in await asyncio.gather(*sending, return_exceptions=True):
        assert isinstance(done, ClientError) or done[0] == 200, done  # type: ignore[index]  # what send gives


async def _send_again(portal: Program, bidders: list[Bidder]) -> None:
    for bidder in bidders[-BIDDERS:]:
        status, said = await bidder.send(portal)
        assert status == 200, said


def _check(made: World, everybody: list[Bidder]) -> None:
    """By the database alone, which SQLite first brings back from its log."""
    with contextlib.closing(sqlite3.connect(made.root / "portal.sqlite3")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        there = {company for (company,) in db.execute("SELECT company_id FROM registrations")}
        acts = db.execute("SELECT company_id, count(*) FROM history GROUP BY company_id").fetchall()
        signed_ones = db.execute("SELECT count(*) FROM statements WHERE type = 'registration'").fetchone()
        mails = db.execute("SELECT count(*) FROM outbox").fetchone()
    told = {bidder.told for bidder in everybody if bidder.told}
    assert told <= there
    assert dict(acts) == dict.fromkeys(there, 1)
    assert signed_ones == (len(there),)
    assert mails == (len(there),)  # the example has one address for both


async def test_two_portals_on_one_database_register_once(made: World) -> None:
    """The same bytes at the same moment at both: one registration, told twice."""
    async with started(made) as one, started(made) as other:
        bidders = [await ready((one, other)[number % 2], number) for number in range(8)]
        twice = [bidder.send(portal) for bidder in bidders for portal in (one, other)]
        answers = await asyncio.gather(*twice)
        await one.end()
        await other.end()
    assert answers[::2] == answers[1::2]
    assert {status for status, _ in answers} == {200}
    _check(made, bidders)


async def test_two_portals_on_one_database_spend_a_nonce_once(made: World) -> None:
    """Two signatures for one nonce, one at each: the second is refused, whichever it is."""
    async with started(made) as one, started(made) as other:
        for number in range(4):
            card = made.authority.issue(6000 + number, key=pki.rsa_key("card"))
            async with one.visitor() as person:
                request = await confirmed(person, number, card)
                visit = (person.cookie, person.token)
            times = ("2026-12-01T00:00:00Z", "2026-12-01T00:00:01Z")
            pair = [Bidder(*visit, made.signed(request, card, issuedAt=time)) for time in times]
            answers = await asyncio.gather(pair[0].send(one), pair[1].send(other))
            assert sorted(status for status, _ in answers) in ([200, 403], [200, 409]), answers
        await one.end()
        await other.end()
    with contextlib.closing(sqlite3.connect(made.root / "portal.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM registrations").fetchone() == (4,)
