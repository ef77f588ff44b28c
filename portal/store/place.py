"""Where a database's file was opened, and whether it is still there.

A program that holds a file open goes on writing into it after somebody has moved it away, deleted it or put another in
its place. What is told to people then would be gone with the next start, and SQLite itself does not look.
"""

from __future__ import annotations

import os
import sqlite3
from typing import NamedTuple


class Place(NamedTuple):
    """A path, and the device and inode that were there; an empty path: a database in memory."""

    path: str
    file: tuple[int, int]

    def check(self) -> None:
        """Raises sqlite3.OperationalError, as SQLite would for a file that it cannot open."""
        if self.path and _file(self.path) != self.file:
            error = sqlite3.OperationalError("the database file is not where it was opened")
            error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_CANTOPEN, "SQLITE_CANTOPEN"
            raise error


def of(connection: sqlite3.Connection) -> Place:
    """The place of a connection's main database."""
    path = str(connection.execute("PRAGMA database_list").fetchone()[2])
    return Place(path, _file(path) if path else (0, 0))


def _file(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - twice a commit: a path object costs more than the call
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino
