"""The reader's thread: whatever a query does, the others have their answers, and it goes on."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.store.database import Database
from portal.store.reader import Reader
from portal.store.sqlite import connect


@pytest.fixture
def path(tmp_path: Path) -> Path:
    db = connect(tmp_path / "numbers.sqlite3")
    db.execute("CREATE TABLE numbers (n INTEGER NOT NULL) STRICT")
    db.close()
    return tmp_path / "numbers.sqlite3"


@pytest.fixture
def reader(path: Path) -> Iterator[Reader]:
    made = Reader(connect(path))
    yield made
    made.close()


def total(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM numbers").fetchone()[0])


async def test_an_error_is_its_callers_alone(reader: Reader) -> None:
    def broken(db: Database) -> int:
        return int(db.execute("SELECT nothing FROM nowhere").fetchone()[0])

    def ended(_: Database) -> int:
        raise SystemExit

    answers = await asyncio.gather(
        *(reader.submit(query) for query in (total, broken, ended, total)), return_exceptions=True
    )
    assert [type(each) for each in answers] == [int, sqlite3.OperationalError, SystemExit, int]
    assert await reader.submit(total) == 0


async def test_a_query_sees_what_was_committed_before_it(reader: Reader, path: Path) -> None:
    db = connect(path)
    for count in range(1, 6):
        db.execute("INSERT INTO numbers VALUES (?)", (count,))
        assert await asyncio.gather(*(reader.submit(total) for _ in range(4))) == [count] * 4
    db.close()


async def test_who_went_away_keeps_nobody_waiting(reader: Reader) -> None:
    hold, runs = threading.Event(), list[str]()
    first = reader.submit(lambda _: hold.wait(30))
    gone = reader.submit(lambda _: runs.append("gone"))
    last = reader.submit(total)
    await asyncio.sleep(0)  # handed over
    gone.cancel()
    hold.set()
    assert (await first, await last, runs) == (True, 0, ["gone"])


async def test_what_waits_is_answered_before_the_end(path: Path) -> None:
    before = threading.enumerate()
    reader = Reader(connect(path))
    waiting = [reader.submit(total) for _ in range(3)]
    await asyncio.to_thread(reader.close)
    assert await asyncio.gather(*waiting) == [0] * 3
    assert [each for each in threading.enumerate() if each.name == "store-reader" and each not in before] == []
