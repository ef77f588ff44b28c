"""The writer's thread and the file it writes into: whatever fails is told, and does not last longer than it does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from portal.store import Draft, Owner, Store, Unavailable, open_store
from portal.store.database import Database
from portal.store.sqlite import connect
from portal.store.writer import Writer
from tests.unit import portal_pki as pki

OWNER = Owner("0" * 64, "")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "data" / "portal.sqlite3")
    yield opened
    await opened.close()


async def test_a_database_that_was_moved_away_takes_nothing_until_it_is_back(store: Store, tmp_path: Path) -> None:
    """What the program wrote into a file that nobody finds again would be told to people, and lost."""
    place, away = tmp_path / "data" / "portal.sqlite3", tmp_path / "data" / "away"
    draft = Draft(None, {}, {"company_department": "契約"})
    place.rename(away)
    with pytest.raises(Unavailable, match="not where it was opened"):
        await store.update_draft(OWNER, lambda _: draft, pki.NOW)
    place.write_bytes(b"")  # another one in its place is none either
    with pytest.raises(Unavailable, match="not where it was opened"):
        await store.update_draft(OWNER, lambda _: draft, pki.NOW)
    assert await store.draft(OWNER) == Draft(None, {}, {})
    away.replace(place)
    await store.update_draft(OWNER, lambda _: draft, pki.NOW)
    assert await store.draft(OWNER) == draft


class _Forgetful(sqlite3.Connection):
    """Has no memory for what `forgets` names, as often as it says."""

    forgets: ClassVar[dict[str, int]] = {}

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if self.forgets.get(sql, 0):
            self.forgets[sql] -= 1
            raise MemoryError
        return super().execute(sql, *parameters)


@pytest.mark.parametrize(
    "forgets",
    [{"BEGIN IMMEDIATE": 1}, {"COMMIT": 1}, {"SAVEPOINT job": 1}, {"COMMIT": 1, "ROLLBACK": 1}],
    ids=", ".join,
)
async def test_the_writer_goes_on_after_whatever_fails(
    forgets: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Forgetful, "forgets", dict(forgets))
    writer = Writer(_opened(tmp_path, _Forgetful))
    async with asyncio.timeout(60):
        with pytest.raises(MemoryError):
            await writer.submit(lambda db: db.execute("INSERT INTO kept VALUES (1)").rowcount)
        assert await writer.submit(lambda db: db.execute("INSERT INTO kept VALUES (2)").rowcount) == 1
        assert await writer.submit(lambda db: db.execute("SELECT number FROM kept").fetchall()) == [(2,)]
    writer.close()


class _Counting(sqlite3.Connection):
    """Counts its commits."""

    commits: ClassVar[int] = 0

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        type(self).commits += sql == "COMMIT"
        return super().execute(sql, *parameters)


async def test_jobs_of_one_turn_of_the_event_loop_are_committed_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Counting, "commits", 0)
    writer = Writer(_opened(tmp_path, _Counting))
    waiting = []
    for number in range(3):
        waiting.append(writer.submit(partial(_keep, number)))
        time.sleep(0.05)  # noqa: ASYNC251 - the event loop is at work, and the writer's thread has all the time it wants
    assert await asyncio.gather(*waiting) == [0, 1, 2]
    assert _Counting.commits == 1
    writer.close()


async def test_what_was_submitted_a_moment_before_the_end_is_written(tmp_path: Path) -> None:
    writer = Writer(_opened(tmp_path, sqlite3.Connection))
    submitted = writer.submit(partial(_keep, 7))
    writer.close()
    assert await submitted == 7
    with contextlib.closing(sqlite3.connect(tmp_path / "a.sqlite3")) as db:
        assert db.execute("SELECT number FROM kept").fetchall() == [(7,)]


async def test_a_job_of_many_pages_leaves_no_copies_of_them_in_a_temporary_file(store: Store) -> None:
    """What people typed is copied in memory alone; and it was three quarters of what a registration wrote."""

    def fill(db: Database) -> list[str]:
        db.execute("CREATE TABLE IF NOT EXISTS many (number INTEGER PRIMARY KEY, text TEXT)")
        rows = [(number, "x" * 3000) for number in range(100)]
        db.executemany("INSERT INTO many VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET text = 'y'", rows)
        return [target for target in map(os.readlink, _descriptors()) if "etilqs" in target]

    await store.write(fill)
    assert await store.write(fill) == []


def _descriptors() -> list[str]:
    """Of this process, as links to what they are open for."""
    with os.scandir("/proc/self/fd") as found:
        paths = [each.path for each in found]
    return [path for path in paths if os.path.lexists(path)]  # not that of the listing itself


def _opened(folder: Path, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "a.sqlite3", isolation_level=None, check_same_thread=False, factory=factory)
    connection.execute("CREATE TABLE kept (number INTEGER)")
    return connection


def _keep(number: int, db: Database) -> int:
    db.execute("INSERT INTO kept VALUES (?)", (number,))
    return number


def test_what_is_written_goes_into_the_file_once_there_is_much_of_it(tmp_path: Path) -> None:
    """Each time costs a large file hundreds of pages that lie apart, so not every 4 MiB as SQLite would."""
    place = tmp_path / "portal.sqlite3"
    with contextlib.closing(connect(place)) as db:
        db.execute("CREATE TABLE written (part BLOB NOT NULL)")
        for megabytes in range(1, 21):
            db.execute("INSERT INTO written VALUES (?)", (b"x" * (1 << 20),))
            assert (place.stat().st_size > 1 << 20) is (megabytes > 15), megabytes
