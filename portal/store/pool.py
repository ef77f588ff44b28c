"""Connections to PostgreSQL, a bounded number of them, made when they are needed and kept for the next.

Made when asked, so that a server that is gone says so at once and one that is back is found by the next request.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from psycopg import AsyncConnection, pq

from portal.store.database import Unavailable
from portal.store.pipeline import Pipeline


class Pool:
    """At most `most` connections; who finds none free waits up to `seconds`."""

    def __init__(self, conninfo: str, most: int, seconds: float) -> None:
        self._conninfo = conninfo
        self._seconds = seconds
        self._free = asyncio.Semaphore(most)
        self._idle: list[Pipeline] = []

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Pipeline]:
        """One without a transaction. Raises psycopg.Error where the server is gone, Unavailable when none gets free."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable("every connection to the database is in use") from error
        try:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                yield connection
            finally:
                await self._keep(connection)
        finally:
            self._free.release()

    async def forget(self) -> None:
        """Closes what is idle: where one connection was lost, the others were, too."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()

    async def _connect(self) -> Pipeline:
        return Pipeline(await AsyncConnection.connect(self._conninfo, autocommit=True))

    async def _keep(self, connection: Pipeline) -> None:
        connection.drop()  # of who was cancelled
        if connection.status is pq.TransactionStatus.IDLE:
            self._idle.append(connection)
        else:
            await connection.close()
