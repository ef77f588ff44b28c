"""Registrations that arrive signed: how many a second, and how long the last ones before closing time wait.

Everything before the signature is done beforehand, as in the minutes before. The floor is what no portal can leave out:
CMS, JSON and path verified, and each registration's row committed by plain sqlite3 with `synchronous = FULL`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import side_by_side
from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from portal.signatures import ladder
from portal.signatures.ladder import Expected
from portal.signatures.trust import Trust
from portal.store import Session
from portal.store.sqlite import connect
from portal.web import memory
from tests.flow.portal_program import Program, contractor, settled, signed, started
from tests.flow.portal_site import Visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, world

STORE, HTTP, ROUNDS = often(400), often(200), often(3)
_AT_ONCE = 64
_MINUTE = 10.0
"""Seconds in which the last minute's bidders come: six times as close as they would."""
_EXPECTED = Expected("registration", "利用者登録（登録）", pki.ORIGIN, pki.AUDIENCE, "", None)


class _Waiting(NamedTuple):
    person: Visitor
    cms: bytes


async def measure(directory: Path) -> list[Comparison]:
    (directory / "store").mkdir()
    (directory / "http").mkdir()
    async with world(directory / "store") as made:
        through_store = await _through_store(made)
    async with world(directory / "http") as made:
        over_http = await _through_http(made, through_store.ours)
    in_postgresql = await side_by_side.measure(directory, HTTP, over_http[2].ours, _signed, together)
    return [through_store, *over_http, *in_postgresql]


async def _through_store(made: World) -> Comparison:
    """By one core, the verifier's threads and the writer included."""
    await made.store.import_contractors([contractor(number) for number in range(ROUNDS * STORE)])
    memory.settle()  # as a portal does before it serves
    floor: list[float] = []
    ours: list[float] = []
    with one_core(), contextlib.closing(_bare(made.root / "bare.sqlite3")) as db:
        for turn in range(ROUNDS):
            ready = [await prepared(made, number) for number in range(turn * STORE, (turn + 1) * STORE)]
            begin = time.perf_counter()
            await asyncio.to_thread(_plainly, made, db, [cms for _, cms in ready])
            floor.append(STORE / (time.perf_counter() - begin))
            begin = time.perf_counter()
            await crowd(made, ready)
            ours.append(STORE / (time.perf_counter() - begin))
    title = "Registrations a second through the store, one core"
    bare = Series("verified, a plain commit each", "/s", floor)
    return Comparison(title, bare, Series("the portal, through the store", "/s", ours))


async def _through_http(made: World, store: Series) -> list[Comparison]:
    """The portal as a program on one core of its own, bidders on the other."""
    await made.store.import_contractors([contractor(number) for number in range((ROUNDS + 2) * HTTP)])
    settled(made)
    first, *others = sorted(os.sched_getaffinity(0))
    async with started(made, "taskset", "-c", str(first)) as portal, contextlib.AsyncExitStack() as stack:
        os.sched_setaffinity(0, others or [first])

        async def people(turn: int, **how: bool) -> list[_Waiting]:
            numbers = range(turn * HTTP, (turn + 1) * HTTP)
            return [await stack.enter_async_context(_signed(portal, number, **how)) for number in numbers]

        turns = [await together(await people(turn)) for turn in range(ROUNDS)]
        anew = await together(await people(ROUNDS, closes=True))
        late = await asyncio.gather(*(_finish(each, random.uniform(0, _MINUTE)) for each in await people(ROUNDS + 1)))
        os.sched_setaffinity(0, [first, *others])
        await portal.end()
    bidders = Series(f"{HTTP} bidders within {_MINUTE:g} s", "ms", late)
    everybody = Series(f"{HTTP} bidders at the same moment", "ms", [each for turn in turns for each in turn.took])
    worst = Series("the 99th percentile of them", "ms", [sorted(late)[int(len(late) * 0.99)]])
    over_tls = Series(f"over TLS, {HTTP} bidders at once", "/s", [turn.rate for turn in turns])
    return [
        Comparison("From sending a signed registration to its answer, over TLS", bidders, everybody),
        Comparison("The last ones before closing time", bidders, worst),
        Comparison("Registrations a second, the portal on one core", store, over_tls),
        Comparison("The same with a new connection for each", over_tls, Series("a handshake more", "/s", [anew.rate])),
    ]


class Turn(NamedTuple):
    """Registrations a second, and the milliseconds that each took."""

    rate: float
    took: list[float]


async def together(people: Sequence[_Waiting]) -> Turn:
    """All at one moment, over connections that are open by then, as of browsers that show a page."""
    await asyncio.gather(*(each.person.get("/api/clock") for each in people))
    begin = time.perf_counter()
    took = await asyncio.gather(*map(_finish, people))
    return Turn(len(people) / (time.perf_counter() - begin), took)


async def prepared(made: World, number: int) -> tuple[Session, bytes]:
    card = made.authority.issue(10_000 + number, key=pki.rsa_key("card"))  # making keys is no part of this
    session = await made.login(card)
    await made.portal.search.find(session, {**SEARCH, "number": contractor(number).number})
    await made.portal.drafts.save_form(session, FORM)
    return session, made.signed(await made.portal.registrar.begin(session), card)


@contextlib.asynccontextmanager
async def _signed(portal: Program, number: int, *, closes: bool = False) -> AsyncIterator[_Waiting]:
    """A bidder with a connection of their own. `closes`: not kept between two requests."""
    card = portal.made.authority.issue(10_000 + number, key=pki.rsa_key("card"))
    async with portal.visitor(portal.connection(closes=closes)) as person:
        yield _Waiting(person, await signed(person, number, card))


async def crowd(made: World, ready: list[tuple[Session, bytes]]) -> None:
    room = asyncio.Semaphore(_AT_ONCE)

    async def finish(session: Session, cms: bytes) -> None:
        async with room:
            await made.portal.registrar.finish(session, cms)

    await asyncio.gather(*(finish(*each) for each in ready))


async def _finish(waiting: _Waiting, after: float = 0.0) -> float:
    """Milliseconds."""
    await asyncio.sleep(after)
    begin = time.perf_counter()
    status, answer = await waiting.person.finish("registration", waiting.cms)
    assert status == 200, answer
    return (time.perf_counter() - begin) * 1000


def _bare(path: Path) -> sqlite3.Connection:
    db = connect(path)
    db.execute("CREATE TABLE registrations (sha256 TEXT PRIMARY KEY, cms BLOB NOT NULL) STRICT")
    return db


def _plainly(made: World, db: sqlite3.Connection, statements: list[bytes]) -> None:
    trust = Trust(made.trust.folders)
    for cms in statements:
        opened = ladder.open_statement(cms, _EXPECTED)
        trust.validate(opened.signed.signer, made.time)
        db.execute("INSERT INTO registrations VALUES (?, ?)", (ladder.fingerprint(cms), cms))


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
