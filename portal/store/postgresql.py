"""The store in PostgreSQL, by psycopg's asynchronous connections. Any number of portals may work on one database."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from portal import secret_file
from portal.storage import Postgresql
from portal.store import schema
from portal.store.connected import done
from portal.store.database import Database, Measured, StoreFault, Unavailable
from portal.store.pipeline import Pipeline
from portal.store.pool import Pool
from portal.store.turns import AGAIN, MAX_GROUP, Outcome, committed

T = TypeVar("T")
ATTEMPTS = 10
"""Of one transaction; the last ones lie up to a fifth of a second apart."""
_LONGEST_PAUSE = 0.2
_PASSING = (
    *(psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction),
    *(errors.IdleInTransactionSessionTimeout, errors.InFailedSqlTransaction),
)
"""Gone, starting, full, a standby, too slow, locked: PostgreSQL's classes 08, 25, 40, 53, 55, 57 and 58."""


def fault(error: psycopg.Error) -> StoreFault:
    """The store's own failure for psycopg's. Its text has no DETAIL, which quotes values."""
    kind = Unavailable if isinstance(error, _PASSING) else StoreFault
    return kind(error.diag.message_primary or str(error).partition("\n")[0])


@contextlib.contextmanager
def faults() -> Iterator[None]:
    """psycopg's errors leave as the store's own."""
    try:
        yield
    except psycopg.Error as error:
        raise fault(error) from error


def conninfo(address: str, server: Postgresql, **more: object) -> str:
    """What libpq connects by. Raises secret_file.Unusable for a password file that cannot be used."""
    given: dict[str, Any] = {"connect_timeout": server.connect_seconds, "application_name": "card-bridge portal"}
    # A server whose machine is gone says nothing: without these a request would wait for it for hours.
    given |= {"keepalives_idle": 10, "keepalives_interval": 10, "keepalives_count": 3}
    given |= {"tcp_user_timeout": server.statement_seconds * 2000}
    given |= conninfo_to_dict(address) | more
    if server.password_file is not None:
        given["password"] = secret_file.read(server.password_file)
    return make_conninfo(**given)


def _options(server: Postgresql) -> str:
    """Of every connection that answers requests."""
    milliseconds = server.statement_seconds * 1000
    chosen = {
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds * 3,
    }
    return " ".join(f"-c {name}={value}" for name, value in chosen.items())


async def open_networked(address: str, server: Postgresql) -> Networked:
    """The database, made or migrated as needed. Raises schema.SchemaError, StoreFault, OSError."""
    with faults():
        await asyncio.to_thread(schema.migrate, conninfo(address, server))
    given = conninfo_to_dict(address).get("options")
    options = " ".join(str(each) for each in (_options(server), given) if each)
    return Networked(Pool(conninfo(address, server, options=options), server.connections, server.statement_seconds))


class Networked:
    """The engine (portal.store.database) over a server."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: deque[tuple[Callable[[Database], Any], asyncio.Future[Any]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def close(self) -> None:
        while self._writing is not None:
            await asyncio.wait([self._writing])
        await self._pool.forget()

    async def write(self, job: Callable[[Database], T]) -> T:
        # Shielded: a browser that goes away must not leave it open whether the job runs.
        return await asyncio.shield(self._submit(job))

    def post(self, job: Callable[[Database], object]) -> None:
        self._submit(job).add_done_callback(lambda done: done.exception())

    async def read(self, query: Callable[[Database], T]) -> T:
        with faults():
            return await self._until_done(partial(done, query))

    async def measured(self) -> Measured:
        size = await self.read(lambda db: db.execute("SELECT pg_database_size(current_database())").fetchone()[0])
        return Measured(int(size), None)

    def _submit(self, job: Callable[[Database], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append((job, future))
        if self._writing is None:
            self._writing = loop.create_task(self._write(), name="store-writer")
        return future

    async def _write(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(MAX_GROUP, len(self._waiting)))]
            futures = [future for _, future in group]
            try:
                with faults():
                    outcomes = await self._until_done(partial(committed, [job for job, _ in group]))
            except Exception as error:  # nobody's job is written
                outcomes = [Outcome(None, error)] * len(group)
            for future, outcome in zip(futures, outcomes, strict=True):
                _tell(future, outcome)
        self._writing = None

    async def _until_done(self, work: Callable[[Pipeline], Awaitable[T]]) -> T:
        """Again after what was in others' way, and over a new connection after one that was lost."""
        for attempt in range(1, ATTEMPTS):
            try:
                async with self._connected() as pipeline:
                    return await work(pipeline)
            except (*AGAIN, Lost):
                await asyncio.sleep(pause(attempt))
        async with self._connected() as pipeline:
            return await work(pipeline)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Pipeline]:
        async with self._pool.connection() as pipeline:
            try:
                yield pipeline
            except (psycopg.Error, Unavailable) as error:
                if not pipeline.closed:
                    raise
                await self._pool.forget()
                if isinstance(error, Unavailable):  # its COMMIT may have been done
                    raise
                raise Lost(str(error)) from error


class Lost(psycopg.OperationalError):
    """The connection ended before COMMIT was said: nothing was written, and it may be done again."""


def _tell(future: asyncio.Future[Any], outcome: Outcome) -> None:
    match outcome.error:
        case None:
            future.set_result(outcome.result)
        case psycopg.Error() as error:
            told = fault(error)
            told.__cause__ = error
            future.set_exception(told)
        case error:
            future.set_exception(error)


def pause(attempt: int) -> float:
    """Seconds until the next one: more each time, and never as many as somebody else's."""
    return random.uniform(0, min(_LONGEST_PAUSE, 0.005 * 2**attempt))  # noqa: S311 - of no secret
