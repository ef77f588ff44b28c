"""A connection of one's own, for a command's work that is longer than a request's: importing, keeping, judging.

Jobs run in the thread that asks: a command has nothing else to do meanwhile.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from portal.storage import Postgresql
from portal.store import sqlite
from portal.store.database import Database

T = TypeVar("T")


class Desk(Protocol):
    """Jobs one after the other, whose temporary tables stay until the end. Each raises StoreFault."""

    def read(self, job: Callable[[Database], T]) -> T:
        """Everything that it sees is of one moment; it writes nothing but temporary tables."""
        ...

    def write(self, job: Callable[[Database], T]) -> T:
        """As Engine.write: it may be run again, and is all on disk or not at all."""
        ...


@contextlib.contextmanager
def opened(place: Path | str, server: Postgresql, *, only_read: bool = False) -> Iterator[Desk]:
    """At a database that is there, whose tables are taken as they are. Raises StoreFault, OSError."""
    if isinstance(place, Path):
        with (
            sqlite.faults(),
            contextlib.closing(sqlite.connect_reading(place) if only_read else sqlite.connect(place)) as db,
        ):
            db.execute("PRAGMA temp_store = FILE")  # a million rows laid ready are not for the memory
            yield _Embedded(db)
        return
    from portal.store import postgresql_desk  # and its driver only where it is used

    with postgresql_desk.opened(place, server) as networked:
        yield networked


class _Embedded:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def read(self, job: Callable[[Database], T]) -> T:
        return self._within("BEGIN", job)

    def write(self, job: Callable[[Database], T]) -> T:
        return self._within("BEGIN IMMEDIATE", job)

    def _within(self, begin: str, job: Callable[[Database], T]) -> T:
        self._db.execute(begin)
        try:
            result = job(self._db)
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        return result
