"""Rows laid ready in a temporary table, the connection's own: by SQLite's statements, or by PostgreSQL's COPY."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

from portal.store.database import Database


class _Copying(Database, Protocol):
    def copy(self, table: str, rows: Iterable[Sequence[Any]]) -> None: ...


def lay(db: Database, name: str, columns: Sequence[str], like: str, rows: Iterable[Sequence[Any]]) -> None:
    """Fills a new table of texts with columns as those of the table `like`; the first is its key."""
    if isinstance(db, sqlite3.Connection):
        described = ", ".join(f"{column} TEXT NOT NULL" for column in columns)
        db.execute(f"CREATE TEMP TABLE {name} ({described}, PRIMARY KEY ({columns[0]})) STRICT, WITHOUT ROWID")
        places = ", ".join("?" for _ in columns)
        db.executemany(f"INSERT INTO temp.{name} VALUES ({places})", rows)  # noqa: S608 - our own names
        return
    known = ", ".join(columns)
    db.execute(f"CREATE TEMP TABLE {name} AS SELECT {known} FROM {like} WHERE 1 = 0")  # noqa: S608 - likewise
    cast(_Copying, db).copy(f"{name} ({known})", rows)
    db.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({columns[0]})")
    db.execute(f"ANALYZE {name}")  # nobody else does it for a temporary table
