"""One thread that writes: what waits is committed together, each job under its own savepoint, replies after COMMIT.

A commit costs a disk flush whatever it holds, so jobs that arrive while one is flushing share the next.
"""

from __future__ import annotations

import contextlib
import sqlite3

from portal.store import place
from portal.store.lane import Lane, Outcome, Waiting


class Writer(Lane):
    """The only writer of a database within this process. A job's result is told once it is on disk, its exception once
    it is rolled back.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._place = place.of(connection)  # before the thread begins
        super().__init__("store-writer", connection)

    def _work(self, group: list[Waiting]) -> list[Outcome]:
        try:
            self._roll_back()  # what could not be a moment ago
            self._place.check()
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(each) for each in group]
            self._connection.execute("COMMIT")
            self._place.check()  # what nobody would find again is told to nobody
        except Exception as error:  # disk full, locked by another process, no memory: nobody is told that it is written
            with contextlib.suppress(sqlite3.Error, MemoryError):
                self._roll_back()
            return [Outcome(each.future, None, error) for each in group]
        return outcomes  # refusals as well: who was second looks for what the first has written

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _attempt(self, waiting: Waiting) -> Outcome:
        """Runs one job. Raises sqlite3.Error where that lost the whole transaction."""
        self._connection.execute("SAVEPOINT job")
        try:
            result = waiting.job(self._connection)
        except BaseException as error:  # the caller's, and goes to the caller
            if not self._connection.in_transaction:  # SQLite itself rolled the whole group back (disk full)
                raise _lost(error) from error
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            return Outcome(waiting.future, None, error)
        self._connection.execute("RELEASE job")
        return Outcome(waiting.future, result, None)


def _lost(error: BaseException) -> sqlite3.Error:
    return error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError("transaction lost")
