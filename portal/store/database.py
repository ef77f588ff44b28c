"""What the store's jobs ask of a database: SQL that SQLite and PostgreSQL both take, in one transaction.

An sqlite3.Connection is one as it stands. Jobs keep to what both know: `?` for parameters, ON CONFLICT, RETURNING, text
that compares byte by byte, no date and no JSON functions. A job may be run again when another process was in its way,
so it changes nothing but the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")


class Rows(Protocol):
    """What a statement gave; `rowcount` of what it wrote, -1 where nobody counted."""

    @property
    def rowcount(self) -> int: ...
    @property
    def description(self) -> Sequence[Any] | None:
        """Of each column; its name comes first (PEP 249)."""
        ...

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Database(Protocol):
    """A connection within a transaction that somebody else begins and ends."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Rows: ...


class Measured(NamedTuple):
    """How large a database is; and what is free beside it, None on another machine. Bytes."""

    size: int
    free: int | None


class Engine(Protocol):
    """Runs jobs, each in a transaction of its own as far as it can see. Raises StoreFault."""

    async def write(self, job: Callable[[Database], T]) -> T:
        """Back once it is on disk; the job's exception rolls it back. Cancelling the caller leaves the job alone."""
        ...

    def post(self, job: Callable[[Database], object]) -> None:
        """Hands over a job that nobody waits for."""
        ...

    async def read(self, query: Callable[[Database], T]) -> T:
        """It sees what was committed before, each of its statements anew, and writes nothing."""
        ...

    async def measured(self) -> Measured: ...

    async def close(self) -> None:
        """Finishes what waits."""
        ...


class StoreFault(Exception):
    """The database did not do what it was asked; nothing was written. The text is the database's own."""


class Unavailable(StoreFault):
    """For now: full disk, locked by another process, gone, or too busy. The same may go well in a moment."""
