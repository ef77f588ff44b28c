"""The portal as a program under load while something fails beneath it; each ends with the same judge.

`STOPPED_SECONDS` (1) is how long the process stands still (`make portal-faults`: 30).
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.flow.portal_crowd import Crowd
from tests.flow.portal_faults import FAULTS, Fault
from tests.flow.portal_judge import judge
from tests.flow.portal_program import Program, contractor, settled, started
from tests.flow.small_disk import small_disk
from tests.private_system import available
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
    with fault.holds(portal):
        if fault.shows:
            await crowd.trouble()
        await asyncio.sleep(fault.seconds)
    await crowd.more(3)


async def test_a_program_that_is_told_to_end_loses_nothing(made: World) -> None:
    settings = settled(made)
    async with started(made) as portal:
        crowd = Crowd(made, [portal.address])
        async with crowd.busy():
            await crowd.more(3)
            await portal.end()
            crowd.go_home()
    await judge(settings, made.root / "portal.sqlite3", crowd.ledger)


@pytest.mark.skipif(not available(), reason="needs mount namespaces")
async def test_a_disk_that_is_full_for_a_while(made: World) -> None:
    """Really full: database, WAL and log are on it."""
    settings = settled(made)
    async with small_disk(made.root / "small") as disk:
        place = disk.folder / "portal.sqlite3"
        here = made.root / "portal.sqlite3"
        settings.write_text(settings.read_text().replace(f'"{here}"', f'"{place}"'))
        assert str(place) in settings.read_text()
        _copy(made.root / "portal.sqlite3", made.root / "seed.sqlite3")
        # By bytes: SQLite follows links, and the way to the disk is one that leads elsewhere for it.
        shutil.copyfile(made.root / "seed.sqlite3", disk.outside / "portal.sqlite3")
        with (disk.outside / "portal.log").open("wb") as lines:
            async with started(made, *disk.entered, log=lines) as portal:
                crowd = Crowd(made, [portal.address])
                async with crowd.busy():
                    await crowd.more(3)
                    with disk.full():
                        await crowd.trouble()
                    await crowd.more(6)
                await portal.end()
        shutil.copytree(disk.outside, made.root / "after")
    after = made.root / "after" / "portal.sqlite3"
    settings.write_text(settings.read_text().replace(str(place), str(after)))
    await judge(settings, after, crowd.ledger)


def _copy(source: Path, target: Path) -> None:
    """A database as a whole: what lies in its WAL as well."""
    with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(target)) as other:
        one.backup(other)
