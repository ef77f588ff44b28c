"""The desk (portal.store.desk) at a PostgreSQL server: one connection, whose statements may take their time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg
from psycopg import Connection, IsolationLevel

from portal.storage import Postgresql
from portal.store.connected import Direct
from portal.store.database import Database
from portal.store.postgresql import ATTEMPTS, conninfo, faults, pause
from portal.store.turns import AGAIN

T = TypeVar("T")


@contextlib.contextmanager
def opened(address: str, server: Postgresql) -> Iterator[Networked]:
    """Raises StoreFault, secret_file.PasswordUnusable."""
    with faults(), contextlib.closing(psycopg.connect(conninfo(address, server))) as connection:
        yield Networked(connection)


class Networked:
    """What is written here is apart from what portals write (portal.store.turns), so that nobody waits for it:
    serializable beside other desks, and run again where these were in the way.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, job: Callable[[Database], T]) -> T:
        return self._within(IsolationLevel.REPEATABLE_READ, job)

    def write(self, job: Callable[[Database], T]) -> T:
        for attempt in range(1, ATTEMPTS):
            with contextlib.suppress(*AGAIN):
                return self._within(IsolationLevel.SERIALIZABLE, job)
            time.sleep(pause(attempt))
        return self._within(IsolationLevel.SERIALIZABLE, job)

    def _within(self, isolation: IsolationLevel, job: Callable[[Database], T]) -> T:
        self._connection.set_isolation_level(isolation)
        with self._connection.transaction():
            return job(Direct(self._connection))
