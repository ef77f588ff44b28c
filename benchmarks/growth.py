"""What a registration costs among a thousand others and among a million, by one core, in turn.

The others are made in bulk (growth.sql) from one that was registered.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Comparison, Series
from benchmarks.registrations import crowd, one_core, prepared
from benchmarks.rounds import often
from portal.store import contractors
from portal.store.sqlite import connect
from tests.flow.portal_program import contractor
from tests.unit.portal_world import World, world

FEW, MANY = 1_000, int(os.environ.get("REGISTERED", "1000000"))
"""`REGISTERED=20000` is soon filled."""
EACH, ROUNDS, SEARCHES = often(100), often(5), often(2000)
_FIRST = 200_000_000  # 業者番号 of those in bulk
_FILL = Path(__file__).with_suffix(".sql")


class _Cost(NamedTuple):
    """Milliseconds of one registration."""

    processor: list[float]
    clock: list[float]


async def measure(directory: Path) -> list[Comparison]:
    async with contextlib.AsyncExitStack() as stack:
        worlds = []
        for number, size in enumerate((FEW, MANY)):
            (directory / str(number)).mkdir()
            worlds.append(await stack.enter_async_context(world(directory / str(number))))
            await _fill(worlds[-1], size)
        costs = _Cost([], []), _Cost([], [])
        with one_core():
            for turn in range(ROUNDS):
                for made, cost in zip(worlds, costs, strict=True):
                    await _register(made, turn, cost)
        found = [_search(made, size) for made, size in zip(worlds, (FEW, MANY), strict=True)]
    few, many = costs
    return [
        _beside("A registration, processor time", few.processor, many.processor),
        _beside("A registration, 64 at once, by the clock", few.clock, many.clock),
        _beside("A contractor found by 業者番号", *found),
    ]


def _beside(title: str, few: list[float], many: list[float]) -> Comparison:
    return Comparison(title, Series(f"among {FEW:,}", "ms", few), Series(f"among {MANY:,}", "ms", many))


async def _fill(made: World, size: int) -> None:
    await made.store.import_contractors([contractor(number) for number in range(ROUNDS * EACH)])
    await made.register()  # what the rows in bulk are made from
    await asyncio.to_thread(_in_bulk, made.root / "portal.sqlite3", size)


def _in_bulk(path: Path, size: int) -> None:
    with contextlib.closing(connect(path)) as db:
        for pragma in ("cache_size = -500000", "temp_store = FILE", "foreign_keys = OFF"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN IMMEDIATE")
        for statement in _FILL.read_text(encoding="utf-8").split(";\n"):
            db.execute(statement, {"size": size} if ":size" in statement else {})
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _register(made: World, turn: int, cost: _Cost) -> None:
    ready = [await prepared(made, number) for number in range(turn * EACH, (turn + 1) * EACH)]
    processor, clock = time.process_time(), time.perf_counter()
    await crowd(made, ready)
    cost.processor.append((time.process_time() - processor) / EACH * 1000)
    cost.clock.append((time.perf_counter() - clock) / EACH * 1000)


def _search(made: World, size: int) -> list[float]:
    with contextlib.closing(connect(made.root / "portal.sqlite3")) as db:
        # As where a portal has been at work for a while: the system has the table's pages, and the index's.
        db.execute("SELECT count(*), sum(length(address)) FROM contractors").fetchone()
        db.execute("SELECT count(*) FROM contractors WHERE number > ''").fetchone()
        return list(_searched(db, size))


def _searched(db: sqlite3.Connection, size: int) -> Iterator[float]:
    for _ in range(SEARCHES):
        number = str(_FIRST + random.randint(1, size))
        begin = time.perf_counter()
        found = contractors.find(db, number)
        yield (time.perf_counter() - begin) * 1000
        assert found is not None, number
