"""One thread that reads, beside the one that writes: each query sees what was committed before it begins."""

from __future__ import annotations

import sqlite3

from portal.store.lane import Lane, Outcome, Waiting


class Reader(Lane):
    """The reader of a database within this process. Its connection is closed with it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__("store-reader", connection)

    def _work(self, group: list[Waiting]) -> list[Outcome]:
        return [self._read(each) for each in group]

    def _read(self, waiting: Waiting) -> Outcome:
        try:
            return Outcome(waiting.future, waiting.job(self._connection), None)
        except BaseException as error:  # the caller's, and goes to the caller
            return Outcome(waiting.future, None, error)
