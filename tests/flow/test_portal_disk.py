"""The portal as a program under load on a disk of its own that is full, takes nothing, or breaks down; one judge."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.flow.portal_crowd import COME_AGAIN, Crowd
from tests.flow.portal_judge import judge
from tests.flow.portal_program import Program, at_port, contractor, settled, started
from tests.flow.small_disk import SmallDisk, ext4_available, ext4_disk, small_disk
from tests.flow.test_portal_serve import COMMAND
from tests.private_system import available
from tests.running_demo import free_port
from tests.unit.portal_world import World, world

NAME = "portal.sqlite3"


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(600)])
        yield found


@contextlib.asynccontextmanager
async def _portal_on(disk: SmallDisk, made: World, crowd: Crowd) -> AsyncIterator[Path]:
    """Its database is on the disk, and is judged at the end; the settings' file."""
    settings, here = settled(made), made.root / NAME
    port = free_port()
    at_port(settings, port)
    crowd.addresses[:] = [f"https://localhost:{port}"]
    _point(settings, here, disk.folder / NAME)
    _copy(here, made.root / "seed.sqlite3")
    # By bytes: SQLite follows links, and the way to the disk is one that leads elsewhere for it.
    shutil.copyfile(made.root / "seed.sqlite3", disk.outside / NAME)
    yield settings
    await asyncio.to_thread(shutil.copytree, disk.outside, made.root / "after", ignore=_no_files_of_ext4)
    _point(settings, disk.folder / NAME, made.root / "after" / NAME)
    await judge(settings, made.root / "after" / NAME, crowd.ledger)


def _no_files_of_ext4(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "lost+found"]


def _point(settings: Path, before: Path, after: Path) -> None:
    text = settings.read_text()
    assert f'"{before}"' in text
    settings.write_text(text.replace(f'"{before}"', f'"{after}"'))


def _copy(source: Path, target: Path) -> None:
    """A database as a whole: what lies in its WAL as well."""
    with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.mark.skipif(not available(), reason="needs mount namespaces")
async def test_a_disk_that_is_full_for_a_while(made: World) -> None:
    """Really full: database, WAL and log are on it."""
    crowd = Crowd(made, [])
    async with small_disk(made.root / "small") as disk, _portal_on(disk, made, crowd):
        with (disk.outside / "portal.log").open("wb") as lines:
            async with started(made, *disk.entered, log=lines) as portal:
                async with crowd.busy():
                    await crowd.more(3)
                    with disk.full():
                        await crowd.trouble()
                    await crowd.more(6)
                await portal.end()


@pytest.mark.skipif(not ext4_available(), reason="needs root and a loop device")
async def test_a_disk_that_takes_nothing_for_a_while_and_one_that_breaks_down(made: World) -> None:
    """The first comes back by itself. The second, an ext4 after an error, has to be mounted anew, the portal ended
    before: nobody writes into an open file of it again.
    """
    crowd, image = Crowd(made, []), made.root / "image"
    async with (
        ext4_disk(made.root / "small", image) as disk,
        _portal_on(disk, made, crowd) as settings,
        contextlib.AsyncExitStack() as last,
    ):
        async with crowd.busy():
            async with started(made, *disk.entered) as portal:
                await crowd.more(3)
                with disk.immutable(NAME, f"{NAME}-wal"):
                    await crowd.trouble()
                await crowd.more(3)
                with _standing(portal):
                    disk.break_down()
                await crowd.trouble()
                await portal.end()
            await asyncio.to_thread(_says_why_it_does_not_start, disk, settings)
            await asyncio.to_thread(disk.repair, image)
            portal = await last.enter_async_context(started(made, *disk.entered))
            await crowd.more(3)
        await portal.end()
    assert crowd.ledger.refused["store_unavailable"] > 0
    assert crowd.ledger.refused.keys() <= COME_AGAIN


@contextlib.contextmanager
def _standing(portal: Program) -> Iterator[None]:
    """Between two writes: an fsync under way when ext4 gives up may return well and be lost (seen on Linux 6.18)."""
    portal.process.send_signal(signal.SIGSTOP)
    threads, until = Path(f"/proc/{portal.process.pid}/task"), time.monotonic() + 60
    while not all(") T " in (thread / "stat").read_text() for thread in threads.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.01)
    yield
    portal.process.send_signal(signal.SIGCONT)


def _says_why_it_does_not_start(disk: SmallDisk, settings: Path) -> None:
    command = [*disk.entered, *COMMAND, "serve", "--config", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"portal: [Errno 30] Read-only file system: '{disk.folder / NAME}'\n"
