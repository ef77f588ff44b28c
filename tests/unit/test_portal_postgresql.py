"""The store in PostgreSQL: what others do at the same time, and a server that goes away and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.service import Portal
from portal.signatures.trust import Trust
from portal.storage import Postgresql
from portal.store import Contractor, Store, StoreFault, Unavailable, open_store, schema
from portal.store.database import Database
from tests.postgresql import Cluster
from tests.unit import portal_pki as pki
from tests.unit.portal_race import spent
from tests.unit.portal_world import world

END = pki.NOW + timedelta(minutes=60)
_HASTY = Postgresql(connections=4, connect_seconds=2, statement_seconds=1)


@pytest.fixture
async def store(tables: str) -> AsyncIterator[Store]:
    opened = await open_store(tables)
    yield opened
    await opened.close()


def contractor(number: int) -> Contractor:
    return Contractor(f"{number:09d}", "名", "", "", "", "")


async def _count(store: Store, table: str = "contractors") -> int:
    query = f"SELECT count(*) FROM {table}"  # noqa: S608 - a table's name from a test
    return int(await store.read(lambda db: db.execute(query).fetchone()[0]))


async def test_what_a_job_wrote_before_it_failed_is_not_there(store: Store) -> None:
    def bad(db: Database) -> None:
        db.execute("INSERT INTO contractors VALUES ('half', '', '', '', '', '', '')")
        raise Refused("already_registered")

    with pytest.raises(Refused):
        await store.write(bad)
    assert await _count(store) == 0


async def test_one_bad_job_of_a_group_leaves_the_others(store: Store) -> None:
    """They are committed together: one refuses, one breaks a rule of the tables, one ends in a fault of its own."""

    def bad(kind: int) -> Callable[[Database], int]:
        def job(db: Database) -> int:
            db.execute("INSERT INTO contractors VALUES ('half', '', '', '', '', '', '')")
            if kind == 0:
                raise Refused("already_registered")
            if kind == 1:
                return db.execute("INSERT INTO contractors VALUES ('half', '', '', '', '', '', '')").rowcount
            return 1 // 0

        return job

    jobs = [store.import_contractors([contractor(number)]) for number in range(50)]
    jobs[10:10] = [store.write(bad(kind)) for kind in range(3)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(each) for each in results if isinstance(each, Exception)] == [Refused, StoreFault, ZeroDivisionError]
    assert await _count(store) == 50


async def test_twenty_at_once_spend_one_nonce_and_one_wins(tables: str) -> None:
    stores = [await open_store(tables), await open_store(tables)]
    assert await spent(stores) == 1
    for store in stores:
        await store.close()


async def test_two_that_read_what_the_other_writes_are_as_if_one_came_first(tables: str) -> None:
    """Write skew, which a snapshot alone does not see: each takes the other's count for its own row."""
    stores = [await open_store(tables), await open_store(tables)]

    def job(number: int) -> Callable[[Database], int]:
        def run(db: Database) -> int:
            (known,) = db.execute("SELECT count(*) FROM contractors").fetchone()
            db.execute("SELECT pg_sleep(0.05)")
            db.execute("INSERT INTO contractors VALUES (?, '', '', '', '', '', '')", (f"{number}",))
            return int(known)

        return run

    seen = await asyncio.gather(*(store.write(job(number)) for number, store in enumerate(stores * 2)))
    assert sorted(seen) == [0, 1, 2, 3]
    for store in stores:
        await store.close()


@pytest.mark.parametrize("same", ["card", "number"])
async def test_two_portals_register_at_once(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, same: str
) -> None:
    """One card, which is registered once; two cards of one 業者番号, whose second waits for the agency."""
    from tests.unit import portal_world

    name = cluster.prepared("tables", schema.migrate)
    monkeypatch.setattr(portal_world, "elsewhere", cluster.url(name))
    async with world(tmp_path) as made:
        other = await open_store(cluster.url(name))
        settings = made.portal.settings
        beside = Portal(settings, other, Trust(settings.trust), clock=lambda: made.time)
        cards = [made.card, made.card if same == "card" else made.authority.issue(77)]
        visits = [await made.ready(card) for card in cards]
        signed = [
            made.signed(await made.portal.registrar.begin(visit), card)
            for visit, card in zip(visits, cards, strict=True)
        ]
        done = await asyncio.gather(
            made.portal.registrar.finish(visits[0], signed[0]),
            beside.registrar.finish(visits[1], signed[1]),
            return_exceptions=True,
        )
        await other.close()
        registered = await made.store.registrations()
        assert len({each.company_id for each in registered}) == 1
        if same == "card":
            assert [type(each) for each in done].count(Refused) == len(registered) == 1
        else:
            assert sorted(each.state for each in registered) == ["provisional", "registered"]
    cluster.drop(name)


async def test_a_server_that_is_killed_costs_nothing_that_was_acknowledged(cluster: Cluster, tables: str) -> None:
    store = await open_store(tables, _HASTY)
    await asyncio.gather(*(store.import_contractors([contractor(number)]) for number in range(8)))
    cluster.kill()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await store.import_contractors([contractor(8)])
        with pytest.raises(Unavailable):
            await store.contractor("000000001")
    cluster.start()
    assert await _count(store) == 8
    await asyncio.gather(*(store.import_contractors([contractor(number)]) for number in range(8, 16)))
    assert await _count(store) == 16
    await store.close()


async def test_a_connection_that_ends_within_a_job_has_it_run_again(store: Store) -> None:
    runs = []

    def job(db: Database) -> None:
        runs.append(1)
        db.execute("INSERT INTO contractors VALUES ('once', '', '', '', '', '', '')")
        if len(runs) == 1:
            db.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    await store.write(job)
    assert (len(runs), await _count(store)) == (2, 1)


_AT_COMMIT = """
CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER leaving AFTER INSERT ON contractors DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION leave()
"""


async def test_a_connection_that_ends_at_commit_is_told_and_not_tried_again(
    cluster: Cluster, tables: str, store: Store
) -> None:
    cluster.sql(_AT_COMMIT, tables.partition("@/")[2].partition("?")[0])
    runs = []

    def job(db: Database) -> None:
        runs.append(1)
        db.execute("INSERT INTO contractors VALUES ('once', '', '', '', '', '', '')")

    with pytest.raises(Unavailable, match="nobody knows"):
        await store.write(job)
    assert (len(runs), await _count(store)) == (1, 0)


async def test_who_waits_too_long_for_another_is_told_to_come_again(cluster: Cluster, tables: str) -> None:
    store, own = await open_store(tables, _HASTY), await open_store(tables)
    locked, free = asyncio.Event(), asyncio.get_running_loop().create_future()

    def hold(db: Database) -> None:
        from portal.store.greenlets import wait

        assert db.execute("LOCK TABLE contractors IN ACCESS EXCLUSIVE MODE").rowcount <= 0  # looked at, it is done
        locked.set()
        wait(free)

    holding = asyncio.ensure_future(own.write(hold))
    await locked.wait()
    with pytest.raises(Unavailable):
        await store.import_contractors([contractor(1)])
    free.set_result(None)
    await holding
    await store.import_contractors([contractor(1)])
    await store.close()
    await own.close()


async def test_a_job_that_went_on_after_a_failed_statement_is_not_taken_for_done(store: Store) -> None:
    def job(db: Database) -> None:
        import psycopg

        with pytest.raises(psycopg.Error):
            db.execute("SELECT 1 / 0").fetchone()

    with pytest.raises(StoreFault, match="rolled back"):
        await store.write(job)


async def test_a_failure_tells_no_values(store: Store) -> None:
    query = "INSERT INTO contractors VALUES ('ひみつ', '', '', '', '', '', '')"
    await store.write(lambda db: db.execute(query).rowcount)
    with pytest.raises(StoreFault) as caught:
        await store.write(lambda db: db.execute(query).rowcount)
    assert "ひみつ" not in str(caught.value)
    assert type(caught.value) is StoreFault


async def test_who_asks_for_what_no_text_can_hold_finds_nothing(store: Store) -> None:
    await store.import_contractors([contractor(1)])
    assert await store.contractor("000000001\0") is None
    assert await store.search_contractors("\0", 0, 10) == ([], 0)


async def test_a_browser_that_goes_away_leaves_the_job_to_its_end(store: Store) -> None:
    waiting = asyncio.ensure_future(
        store.write(lambda db: [db.execute("SELECT pg_sleep(0.1)"), db.execute(_ONE)][1].rowcount)
    )
    await asyncio.sleep(0.05)
    waiting.cancel()
    await store.close()  # which waits for it
    assert waiting.cancelled()


_ONE = "INSERT INTO contractors VALUES ('one', '', '', '', '', '', '')"
