"""The store: what is acknowledged is on disk, what is refused or cut off leaves nothing."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.store import Contractor, Draft, Owner, Store, StoreFault, Unavailable, open_store, schema, sessions
from portal.store.database import Database
from portal.store.sqlite import connect
from portal.store.times import moment, text
from portal.store.writer import Writer
from tests.unit import portal_pki as pki
from tests.unit.portal_race import spent
from tests.unit.portal_world import World, world

END = pki.NOW + timedelta(minutes=60)
OWNER = Owner("0" * 64, "")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "data" / "portal.sqlite3")
    yield opened
    await opened.close()


async def test_durable_and_private(store: Store, tmp_path: Path) -> None:
    pragmas = await store.write(
        lambda db: [
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    )
    assert pragmas == ["wal", 2, 1]  # 2: FULL
    assert (tmp_path / "data" / "portal.sqlite3").stat().st_mode & 0o077 == 0


async def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.close()
    with pytest.raises(schema.SchemaError):
        await open_store(path)


async def test_opening_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    row = Contractor("000000001", "a", "b", "c", "d", "e")
    await store.import_contractors([row])
    again = await open_store(tmp_path / "data" / "portal.sqlite3")
    assert await again.contractor("000000001") == row
    await again.close()


async def test_one_bad_job_of_a_group_leaves_the_others(store: Store) -> None:
    def good(number: int) -> asyncio.Task[int]:
        row = Contractor(f"{number:09d}", "名", "", "", "", "")
        return asyncio.ensure_future(store.import_contractors([row]))

    def bad(db: Database) -> None:
        db.execute("INSERT INTO contractors VALUES ('half', '', '', '', '', '', '')")
        raise Refused("already_registered")

    jobs = [good(number) for number in range(50)]
    jobs.insert(25, asyncio.ensure_future(store.write(bad)))  # type: ignore[arg-type]  # one job of another result
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(result) for result in results].count(Refused) == 1
    assert await store.contractor("half") is None
    assert await store.contractor("000000049") is not None


async def test_who_is_refused_sees_what_the_others_of_the_group_have_written(tmp_path: Path) -> None:
    """A double click: the second of two equal requests finds what the first has registered."""
    writing, reading = connect(tmp_path / "x.sqlite3"), connect(tmp_path / "x.sqlite3")
    writing.execute("CREATE TABLE things (name TEXT PRIMARY KEY)")
    writer, hold, seen = Writer(writing), threading.Event(), list[int]()

    def insert(db: Database) -> None:
        db.execute("INSERT INTO things VALUES ('once')")

    def count(_: asyncio.Future[None]) -> None:  # in the moment in which the refusal is told
        seen.append(reading.execute("SELECT count(*) FROM things").fetchone()[0])

    writer.submit(lambda _: hold.wait(10))
    first, second = writer.submit(insert), writer.submit(insert)
    second.add_done_callback(count)
    hold.set()
    await asyncio.wait([first, second], timeout=60)
    writer.close()
    reading.close()
    assert (first.exception(), type(second.exception()), seen) == (None, sqlite3.IntegrityError, [1])


async def test_a_job_runs_whatever_becomes_of_who_handed_it_in(tmp_path: Path) -> None:
    """Cancelled before its turn as well; and the rest of its group is told as if nothing had been."""
    writing, hold = connect(tmp_path / "x.sqlite3"), threading.Event()
    writing.execute("CREATE TABLE things (name TEXT PRIMARY KEY)")
    writer = Writer(writing)
    first = writer.submit(lambda _: hold.wait(60))
    gone = writer.submit(lambda db: db.execute("INSERT INTO things VALUES ('gone')").rowcount)
    stayed = writer.submit(lambda db: db.execute("SELECT name FROM things").fetchall())
    gone.cancel()
    hold.set()
    assert await asyncio.wait_for(stayed, 60) == [("gone",)]
    assert await first
    writer.close()


async def test_a_full_disk_refuses_and_recovers(store: Store) -> None:
    (pages,) = await store.read(lambda db: db.execute("PRAGMA page_count").fetchone())
    await store.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
    big = Draft(None, {}, {"company_department": "あ" * 100_000})
    with pytest.raises(Unavailable):
        await store.update_draft(OWNER, lambda _: big, pki.NOW)
    await store.write(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())
    assert await store.draft(OWNER) == Draft(None, {}, {})
    await store.update_draft(OWNER, lambda _: big, pki.NOW)
    assert await store.draft(OWNER) == big


async def test_two_spends_of_one_nonce(tmp_path: Path) -> None:
    """Twenty at once, by two processes' worth of stores on one file: one wins."""
    path = tmp_path / "portal.sqlite3"
    stores = [await open_store(path), await open_store(path)]
    assert await spent(stores) == 1
    for store in stores:
        await store.close()


async def test_nonces_are_long_and_for_one_session(store: Store) -> None:
    session, other = await store.create_session(pki.NOW, END), await store.create_session(pki.NOW, END)
    nonces = {
        await store.mint_nonce(session.id, "login", "a", bytes([number]), {"k": "v"}, pki.NOW, END)
        for number in range(20)
    }
    assert len(nonces) == 20
    assert {len(nonce) for nonce in nonces} == {43}  # 32 bytes, base64url without padding
    nonce = await store.mint_nonce(session.id, "login", "a", b"d", {"k": "v"}, pki.NOW, END)
    assert await store.attempt_nonce(other.id, nonce) is None
    minted = await store.attempt_nonce(session.id, nonce)
    assert minted is not None
    assert (minted.attempts, minted.context, minted.payload_sha256, minted.spent) == (1, {"k": "v"}, b"d", None)


async def test_the_same_statement_asked_for_again_has_the_same_nonce_and_more_time(store: Store) -> None:
    session, other = await store.create_session(pki.NOW, END), await store.create_session(pki.NOW, END)
    asked: tuple[str, str, str, bytes] = (session.id, "login", "a", b"d")
    nonce = await store.mint_nonce(*asked, {"k": 1}, pki.NOW, pki.NOW + timedelta(minutes=15))
    assert await store.mint_nonce(*asked, {"k": 2}, pki.NOW + timedelta(minutes=14), END) == nonce
    for different in (
        (other.id, *asked[1:]),
        (session.id, "registration", "a", b"d"),
        (session.id, "login", "b", b"d"),
        (session.id, "login", "a", b"e"),
    ):
        assert await store.mint_nonce(*different, {}, pki.NOW, END) != nonce
    minted = await store.attempt_nonce(session.id, nonce)
    assert minted is not None
    assert (minted.context, minted.expires) == ({"k": 2}, END)


async def test_a_nonce_that_was_used_or_is_over_is_not_given_again(store: Store) -> None:
    session = await store.create_session(pki.NOW, END)
    asked: tuple[str, str, str, bytes] = (session.id, "login", "a", b"d")
    later = pki.NOW + timedelta(minutes=15)
    over = await store.mint_nonce(*asked, {}, pki.NOW, later)
    attempted = await store.mint_nonce(*asked, {}, later, END)
    await store.attempt_nonce(session.id, attempted)
    spent = await store.mint_nonce(*asked, {}, later, END)
    await store.write(lambda db: sessions.spend(db, session.id, spent, later))
    assert len({over, attempted, spent, await store.mint_nonce(*asked, {}, later, END)}) == 4


async def test_what_time_has_ended_is_swept(store: Store) -> None:
    session = await store.create_session(pki.NOW, END)
    await store.mint_nonce(session.id, "login", "a", b"", {}, pki.NOW, END)
    await store.create_session(END + timedelta(days=2), END + timedelta(days=3))

    def rows(db: Database) -> tuple[int, int]:
        (visits,) = db.execute("SELECT count(*) FROM sessions").fetchone()
        (nonces,) = db.execute("SELECT count(*) FROM nonces").fetchone()
        return visits, nonces

    assert await store.read(rows) == (1, 0)


def test_times_compare_as_text() -> None:
    early, late = pki.NOW, pki.NOW + timedelta(microseconds=1)
    assert text(early) < text(late)
    assert moment(text(late)) == late


_CRASH = """
import asyncio, os, signal, sqlite3, sys
from pathlib import Path
from portal.store import Contractor, open_store

async def main() -> None:
    store = await open_store(Path(sys.argv[1]))
    await store.import_contractors([Contractor("kept00001", "a", "", "", "", "")])
    def job(db):
        db.execute("INSERT INTO contractors VALUES ('lost00001', 'a', '', '', '', '', '')")
        os.kill(os.getpid(), signal.SIGKILL)
    await store.write(job)

asyncio.run(main())
"""


async def test_killed_between_writing_and_commit(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    done = subprocess.run([sys.executable, "-c", _CRASH, str(path)], check=False)  # noqa: ASYNC221 - a test may wait
    assert done.returncode == -signal.SIGKILL
    store = await open_store(path)
    assert await store.contractor("kept00001") is not None
    assert await store.contractor("lost00001") is None
    await store.close()


async def test_a_failure_in_the_middle_of_a_registration_leaves_nothing(tmp_path: Path) -> None:
    """The last step of the transaction fails: nonce, statement, company, registration and draft are as before."""
    async with world(tmp_path) as made:
        session = await made.ready()
        request = await made.portal.registrar.begin(session)
        cms = made.signed(request)
        before = await _counts(made)
        await made.store.write(lambda db: db.execute("ALTER TABLE outbox RENAME TO away").rowcount)
        with pytest.raises(StoreFault):
            await made.portal.registrar.finish(session, cms)
        await made.store.write(lambda db: db.execute("ALTER TABLE away RENAME TO outbox").rowcount)
        assert await _counts(made) == before
        await made.restart()
        assert (await made.portal.drafts.form(session)).typed["company_department"] == "営業部"
        registration = await made.portal.registrar.finish(session, cms)  # the same statement, still unspent
        assert registration.company_id == "9991000000000001"


async def _counts(made: World) -> list[int]:
    tables = ("statements", "companies", "registrations", "outbox", "drafts", "company_ids")
    return [await made.count(table) for table in tables]


async def test_company_ids_do_not_repeat(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        first = await made.register()
        await made.store.write(lambda db: _forget(db))
        second = await made.register()
    assert (first.company_id, second.company_id) == ("9991000000000001", "9991000000000002")


def _forget(db: Database) -> None:
    for table in ("history", "registrations", "companies", "company_ids"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from this line


def test_connections_wait_for_each_other(tmp_path: Path) -> None:
    db = connect(tmp_path / "x.sqlite3")
    assert db.execute("PRAGMA busy_timeout").fetchone() == (30000,)
    db.close()


async def test_a_refusal_is_told_once_what_it_rests_on_is_on_disk(tmp_path: Path) -> None:
    """Two jobs of one group, the second refused because of the first: who is told looks and finds the first."""
    path, gate = tmp_path / "x.sqlite3", threading.Event()
    writing, reading = connect(path), connect(path)
    writing.execute("CREATE TABLE spent (nonce TEXT PRIMARY KEY)")
    writer, seen = Writer(writing), []
    writer.submit(lambda _: gate.wait())
    first = writer.submit(lambda db: db.execute("INSERT INTO spent VALUES ('n')").rowcount)
    second = writer.submit(lambda db: db.execute("INSERT INTO spent VALUES ('n')").rowcount)
    second.add_done_callback(lambda _: seen.extend(reading.execute("SELECT nonce FROM spent").fetchall()))
    gate.set()
    await asyncio.wait([first, second], timeout=60)
    writer.close()
    reading.close()
    assert first.result() == 1
    assert isinstance(second.exception(), sqlite3.IntegrityError)
    assert seen == [("n",)]
