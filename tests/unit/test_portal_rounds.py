"""The store in PostgreSQL: statements that go out together, and what becomes of those that fail among them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from portal.refusals import Refused
from portal.storage import Postgresql
from portal.store import Store, StoreFault, Unavailable, open_store
from portal.store.database import Database
from portal.store.greenlets import wait
from portal.store.pipeline import MOST, PREPARED
from tests.unit import portal_world
from tests.unit.counted_rounds import counted
from tests.unit.portal_world import world

_ROW = "INSERT INTO contractors VALUES (?, '', '', '', '', '', '')"
_NONSENSE = "SELECT 1 / (SELECT count(*) FROM contractors WHERE number = 'nobody')"

_READ = [("1", "a"), [("2", "b"), ("3", "?' instr(")], None]


@pytest.fixture
async def store(tables: str) -> AsyncIterator[Store]:
    """Over one connection, so that what one job left there meets the next."""
    opened = await open_store(tables, Postgresql(connections=1))
    yield opened
    await opened.close()


def row(number: str) -> Callable[[Database], None]:
    def job(db: Database) -> None:
        db.execute(_ROW, (number,))

    return job


async def numbers(store: Store) -> list[str]:
    return [
        number for (number,) in await store.read(lambda db: db.execute("SELECT number FROM contractors ORDER BY 1"))
    ]


async def test_a_failure_that_nobody_looked_at_is_that_jobs_alone(store: Store) -> None:
    def bad(db: Database) -> str:
        db.execute(_ROW, ("half",))
        db.execute(_ROW, ("half",))
        return "done"

    jobs = [store.write(row("first")), store.write(bad), store.write(row("last"))]
    first, failed, last = await asyncio.gather(*jobs, return_exceptions=True)
    assert (first, type(failed), last) == (None, StoreFault, None)
    assert "duplicate key" in str(failed)
    assert await numbers(store) == ["first", "last"]


async def test_what_failed_first_is_told_and_not_what_was_raised_later(store: Store) -> None:
    def job(db: Database) -> None:
        db.execute(_NONSENSE)
        raise Refused("already_registered")

    with pytest.raises(StoreFault, match="division by zero"):
        await store.write(job)
    with pytest.raises(StoreFault, match="division by zero"):
        await store.read(job)


async def test_who_looks_at_a_later_statement_gets_the_first_failure(store: Store) -> None:
    seen = list[str]()

    def job(db: Database) -> None:
        good = db.execute("SELECT 'before'")
        bad = db.execute(_NONSENSE)
        after = [db.execute("SELECT no_such_column"), db.execute(_ROW, ("after",))]
        for each in (after[1], bad, after[0], after[1]):
            try:
                each.fetchone()
            except psycopg.Error as error:
                seen.append(str(error))
        seen.extend(good.fetchone())
        raise Refused("already_registered")

    with pytest.raises(Refused):
        await store.write(job)
    assert seen == ["division by zero"] * 4 + ["before"]
    assert await numbers(store) == []


async def test_a_job_that_goes_on_after_a_failure_writes_nothing(store: Store) -> None:
    def job(db: Database) -> None:
        with pytest.raises(psycopg.Error):
            db.execute(_NONSENSE).fetchone()
        db.execute(_ROW, ("after",))

    with pytest.raises(StoreFault):
        await store.write(job)
    assert await numbers(store) == []


async def test_a_failed_round_prepares_nothing(store: Store) -> None:
    """The second time a statement comes it is prepared: here behind one that fails."""

    def bad(db: Database) -> None:
        db.execute(_NONSENSE)
        db.execute(_ROW, ("never",))

    await store.write(row("first"))
    for _ in range(2):
        with pytest.raises(StoreFault, match="division by zero"):
            await store.write(bad)
    for number in ("second", "third", "fourth"):
        await store.write(row(number))
    assert await numbers(store) == ["first", "fourth", "second", "third"]


async def test_a_lock_that_is_not_had_is_everybodys(store: Store, tables: str) -> None:
    """It is sent with the first job's statements."""
    hasty = await open_store(tables, Postgresql(connections=1, statement_seconds=1))
    held, free = asyncio.Event(), asyncio.get_running_loop().create_future()

    def hold(db: Database) -> None:
        db.execute("SELECT 1").fetchone()
        held.set()
        wait(free)

    holding = asyncio.ensure_future(store.write(hold))
    await held.wait()
    told = await asyncio.gather(*(hasty.write(row(number)) for number in "ab"), return_exceptions=True)
    free.set_result(None)
    await holding
    assert [type(each) for each in told] == [Unavailable] * 2
    assert all("timeout" in str(each) for each in told)
    await hasty.write(row("later"))
    assert await numbers(hasty) == ["later"]
    await hasty.close()


async def test_more_than_one_round_takes(store: Store) -> None:
    several = 2 * MOST + 1

    def job(db: Database) -> tuple[int, int]:
        for number in range(several):
            db.execute(_ROW, (f"a{number}",))
        many = db.executemany(_ROW, [(f"b{number}",) for number in range(several)])
        return many.rowcount, db.executemany(_ROW, []).rowcount

    assert await store.write(job) == (several, 0)
    assert len(await numbers(store)) == 2 * several


async def test_more_statements_than_are_kept_prepared(store: Store) -> None:
    def job(db: Database) -> list[int]:
        found = [db.execute(f"SELECT {number % (2 * PREPARED)}") for number in range(6 * PREPARED)]
        return [each.fetchone()[0] for each in found]

    for _ in range(2):
        assert await store.read(job) == [*range(2 * PREPARED)] * 3
    kept = await store.read(lambda db: db.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0])
    assert 0 < kept <= PREPARED


async def test_what_is_long_on_both_sides_goes_through(store: Store) -> None:
    """More than fits between the two, each way, before either is done."""
    words = [f"{number}" * (1 << 20) for number in range(1, 9)]

    def job(db: Database) -> list[str]:
        return [each.fetchone()[0] for each in [db.execute("SELECT ?", (word,)) for word in words]]

    assert await store.read(job) == words


async def test_who_goes_away_while_a_statement_runs_leaves_nothing_behind(store: Store) -> None:
    def slow(db: Database) -> Any:
        db.execute("SELECT pg_sleep(20)")
        return db.execute("SELECT 'slow'").fetchone()

    reading = asyncio.ensure_future(store.read(slow))
    await asyncio.sleep(0.2)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await store.write(row("next"))
    assert await numbers(store) == ["next"]


async def test_what_was_not_sent_yet_goes_with_who_went_away(store: Store) -> None:
    def job(db: Database) -> None:
        db.execute(_ROW, ("never",))
        wait(asyncio.get_running_loop().create_future())

    reading = asyncio.ensure_future(store.read(job))
    await asyncio.sleep(0.1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await numbers(store) == []


async def test_what_cannot_be_sent_is_refused_at_its_statement(store: Store) -> None:
    seen = []

    def job(db: Database) -> None:
        db.execute(_ROW, ("before",))
        try:
            db.execute(_ROW, ("\ud800",))
        except UnicodeEncodeError as error:
            seen.append(error)

    await store.write(job)
    assert len(seen) == 1
    assert await numbers(store) == ["before"]


async def test_a_connection_lost_before_commit_takes_all_of_a_round_with_it(store: Store) -> None:
    runs = []

    def job(db: Database) -> None:
        runs.append(1)
        db.execute(_ROW, ("once",))
        if len(runs) == 1:
            db.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        db.execute(_ROW, ("twice",))

    await store.write(job)
    assert (len(runs), await numbers(store)) == (2, ["once", "twice"])


async def test_what_a_statement_gave_is_read_as_from_sqlite(tmp_path: Path, store: Store) -> None:
    def job(db: Database) -> list[Any]:
        rows = [("1", "a"), ("2", "b"), ("3", "?' instr(")]
        put = db.executemany("INSERT INTO contractors VALUES (?, ?, '', '', '', '', '')", rows)
        found = db.execute("SELECT number, name AS called FROM contractors ORDER BY number")
        names = [each[0] for each in found.description or ()]
        read = [found.fetchone(), list(found), found.fetchone()]
        changed = db.execute("UPDATE contractors SET name = 'x' WHERE number > ?", ("1",))
        given = db.execute("DELETE FROM contractors WHERE number = ? RETURNING name, 1, NULL, '%?'", ("2",))
        return [put.rowcount, names, *read, changed.rowcount, [*given]]

    beside = await open_store(tmp_path / "store.sqlite3")
    ours, theirs = await store.write(job), await beside.write(job)
    await beside.close()
    assert ours == theirs
    assert ours == [3, ["number", "called"], *_READ, 2, [("x", 1, None, "%?")]]


async def test_a_registration_takes_fewer_rounds_than_statements(
    tables: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With BEGIN and COMMIT it is more than twenty statements."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        async with counted(tables, Path(folder)) as rounds:
            monkeypatch.setattr(portal_world, "elsewhere", rounds.url)
            async with world(tmp_path) as made:
                signed = made.signed(await made.portal.registrar.begin(visit := await made.ready()))
                before = rounds.made
                await made.portal.registrar.finish(visit, signed)
                assert 0 < rounds.made - before <= 11
