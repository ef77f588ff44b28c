"""Registrations a second over TLS in PostgreSQL: by one process of the portal, and by three side by side.

A cluster of the benchmark's own, on the disk where SQLite's file is: every commit is flushed.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.figures import Comparison, Series
from portal.store import schema
from tests.flow.portal_program import Program, contractor, settled, started
from tests.postgresql import Cluster
from tests.unit import portal_world
from tests.unit.portal_world import World, world

_PROCESSES = 3
Ready = Callable[[Program, int], contextlib.AbstractAsyncContextManager[Any]]
Finish = Callable[[list[Any]], Awaitable[Any]]


async def measure(directory: Path, bidders: int, sqlite: Series, ready: Ready, finish: Finish) -> list[Comparison]:
    """`ready`: a bidder who has signed, at a portal; `finish`: all of them send what is signed."""
    cluster = await asyncio.to_thread(Cluster, tempfile.gettempdir())
    try:
        rates = {}
        for processes in (1, _PROCESSES):
            place = directory / f"postgresql-{processes}"
            place.mkdir()
            portal_world.elsewhere = cluster.url(cluster.prepared("tables", schema.migrate))
            async with world(place) as made:
                rates[processes] = await _rate(made, processes, bidders, ready, finish)
    finally:
        portal_world.elsewhere = None
        await asyncio.to_thread(cluster.close)
    one = Series("PostgreSQL, one process", "/s", [rates[1]])
    several = Series(f"PostgreSQL, {_PROCESSES} processes", "/s", [rates[_PROCESSES]])
    return [
        Comparison("Registrations a second over TLS in PostgreSQL", sqlite, one),
        Comparison("Registrations a second over TLS, processes side by side", one, several),
    ]


async def _rate(made: World, processes: int, bidders: int, ready: Ready, finish: Finish) -> float:
    await made.store.import_contractors([contractor(number) for number in range(bidders)])
    settled(made)
    async with contextlib.AsyncExitStack() as stack:
        portals = [await stack.enter_async_context(started(made)) for _ in range(processes)]
        people = [
            await stack.enter_async_context(ready(portals[number % processes], number)) for number in range(bidders)
        ]
        return float((await finish(people)).rate)
