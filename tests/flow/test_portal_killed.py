"""The portal as a program that is killed while bidders register, change and renew, and several of them on one database.

`KILLS=500` kills it so often (`make portal-kills`); the run here is a short one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.flow.portal_crowd import Bidder, Crowd, Ledger
from tests.flow.portal_judge import check, judge
from tests.flow.portal_program import Program, at_port, confirmed, contractor, settled, signed, started
from tests.running_demo import free_port
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world

KILLS = int(os.environ.get("KILLS", "4"))
DATABASE = "portal.sqlite3"


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(KILLS * 20 + 100)])
        settled(found)
        # Nobody else has it open: what a kill leaves in the WAL is the next portal's to bring back.
        await found.store.close()
        yield found


def _check_copy(database: Path, ledger: Ledger) -> None:
    """Of what the kill left, WAL included: the portal itself has to bring that back at its next start."""
    aside = database.with_name("killed")
    aside.mkdir()
    for part in (database, database.with_name(f"{DATABASE}-wal")):
        if part.exists():
            shutil.copyfile(part, aside / part.name)
    check(aside / DATABASE, ledger)
    shutil.rmtree(aside)


async def test_whatever_was_acknowledged_is_there_and_nothing_by_half(made: World) -> None:
    """Killed in the middle of it, again and again; the bidders go on as soon as it is back."""
    chance, port = random.Random(KILLS), free_port()
    at_port(made.root / "portal.toml", port)
    crowd = Crowd(made, [f"https://localhost:{port}"])
    async with contextlib.AsyncExitStack() as last:
        async with crowd.busy():
            for number in range(KILLS):
                async with started(made) as portal:
                    await crowd.more(chance.randint(1, 3))
                    await asyncio.sleep(chance.uniform(0, 0.1))
                    await portal.kill()
                await asyncio.to_thread(_check_copy, made.root / DATABASE, crowd.ledger)
                if number % 25 == 24:
                    print(f"{number + 1} kills: {crowd.ledger}", flush=True)  # seen by `make portal-kills`
            portal = await last.enter_async_context(started(made))
            await crowd.more(3)
        await portal.end()
    await judge(made.root / "portal.toml", made.root / DATABASE, crowd.ledger)
    assert crowd.ledger.refused[""] > 0  # somebody was cut off


async def test_one_of_two_portals_is_killed(made: World) -> None:
    """The other serves on; the first comes back to the same database."""
    async with started(made) as one:
        async with started(made) as other:
            crowd = Crowd(made, [one.address, other.address])
            async with crowd.busy():
                await crowd.more(3)
                await other.kill()
                crowd.addresses[:] = [one.address]
                await crowd.more(3)
                async with started(made) as again:
                    crowd.addresses[:] = [one.address, again.address]
                    await crowd.more(3)
                    crowd.addresses[:] = [one.address]
                    await again.end()
        await one.end()
    await judge(made.root / "portal.toml", made.root / DATABASE, crowd.ledger)


async def _ready(portal: Program, number: int, ledger: Ledger) -> Bidder:
    card = portal.made.authority.issue(5000 + number, key=pki.rsa_key("card"))
    async with portal.visitor() as person:
        cms = await signed(person, number, card)
        return Bidder(person.cookie, person.token, cms, ledger)


async def test_two_portals_on_one_database_register_once(made: World) -> None:
    """The same bytes at the same moment at both: one registration, told twice."""
    ledger = Ledger()
    async with started(made) as one, started(made) as other:
        bidders = [await _ready((one, other)[number % 2], number, ledger) for number in range(8)]
        twice = [bidder.send(portal) for bidder in bidders for portal in (one, other)]
        answers = await asyncio.gather(*twice)
        await one.end()
        await other.end()
    assert answers[::2] == answers[1::2]
    assert {status for status, _ in answers} == {200}
    await judge(made.root / "portal.toml", made.root / DATABASE, ledger)


async def test_two_portals_on_one_database_spend_a_nonce_once(made: World) -> None:
    """Two signatures for one nonce, one at each: the second is refused, whichever it is."""
    ledger = Ledger()
    async with started(made) as one, started(made) as other:
        for number in range(4):
            card = made.authority.issue(6000 + number, key=pki.rsa_key("card"))
            async with one.visitor() as person:
                request = await confirmed(person, number, card)
                visit = (person.cookie, person.token)
            times = ("2026-12-01T00:00:00Z", "2026-12-01T00:00:01Z")
            pair = [Bidder(*visit, made.signed(request, card, issuedAt=time), ledger) for time in times]
            answers = await asyncio.gather(pair[0].send(one), pair[1].send(other))
            assert sorted(status for status, _ in answers) in ([200, 403], [200, 409]), answers
        await one.end()
        await other.end()
    assert len(ledger.told) == 4
    await judge(made.root / "portal.toml", made.root / DATABASE, ledger)
