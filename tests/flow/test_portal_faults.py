"""The portal as a program under load while something fails beneath it; each ends with the same judge.

`STOPPED_SECONDS` (1) is how long the process stands still, `LOCKED_SECONDS` (1) how long another program has the
database locked (`make portal-faults`: 30 and 40, the portal's patience being 30).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.flow.portal_crowd import COME_AGAIN, Crowd
from tests.flow.portal_faults import FAULTS, Fault
from tests.flow.portal_judge import judge
from tests.flow.portal_program import Program, contractor, settled, started
from tests.unit.portal_world import World, world


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(600)])
        yield found


async def test_what_fails_beneath_it_for_a_while_costs_nothing_that_was_acknowledged(made: World) -> None:
    settings, log = settled(made), made.root / "portal.log"
    with log.open("wb") as lines:
        async with started(made, log=lines) as portal:
            crowd = Crowd(made, [portal.address])
            async with crowd.busy():
                await crowd.more(3)
                for fault in FAULTS:
                    await _endure(fault, portal, crowd)
            await portal.end()
    await judge(settings, made.root / "portal.sqlite3", crowd.ledger)
    # asyncio tells of a connection that it cannot take for each place of the queue, once a second
    assert log.read_bytes().count(b"out of system resource") < 10


async def _endure(fault: Fault, portal: Program, crowd: Crowd) -> None:
    before = Counter(crowd.ledger.refused)
    with fault.holds(portal):
        await asyncio.gather(asyncio.sleep(fault.seconds), *([crowd.trouble()] if fault.shows else []))
    await crowd.more(3)
    if fault.shows:
        assert (crowd.ledger.refused - before).keys() <= COME_AGAIN, fault.name


async def test_a_program_that_is_told_to_end_loses_nothing(made: World) -> None:
    settings = settled(made)
    async with started(made) as portal:
        crowd = Crowd(made, [portal.address])
        async with crowd.busy():
            await crowd.more(3)
            await portal.end()
            crowd.go_home()
    await judge(settings, made.root / "portal.sqlite3", crowd.ledger)
