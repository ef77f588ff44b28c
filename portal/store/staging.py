"""Rows laid ready in a temporary table, the connection's own: by SQLite's statements, or by PostgreSQL's COPY."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Protocol, cast

from portal.store.database import Database

_TOGETHER = 100  # rows a statement: a third less work than one each


class _Copying(Database, Protocol):
    def copy(self, table: str, rows: Iterable[Sequence[Any]]) -> None: ...


def lay(db: Database, name: str, columns: Sequence[str], like: str, rows: Iterable[Sequence[Any]]) -> None:
    """Fills a new table of texts with columns as those of the table `like`; the first is its key."""
    if isinstance(db, sqlite3.Connection):
        described = ", ".join(f"{column} TEXT NOT NULL" for column in columns)
        db.execute(f"CREATE TEMP TABLE {name} ({described}) STRICT")
        _fill(db, name, len(columns), iter(rows))
        # After the rows: sorted at once, where rows in no order would each look for their place among a million.
        db.execute(f"CREATE UNIQUE INDEX temp.{name}_key ON {name} ({columns[0]})")
        return
    known = ", ".join(columns)
    db.execute(f"CREATE TEMP TABLE {name} AS SELECT {known} FROM {like} WHERE 1 = 0")  # noqa: S608 - likewise
    cast(_Copying, db).copy(f"{name} ({known})", rows)
    db.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({columns[0]})")
    db.execute(f"ANALYZE {name}")  # nobody else does it for a temporary table


def _fill(db: sqlite3.Connection, name: str, width: int, rows: Iterator[Sequence[Any]]) -> None:
    row = f"({', '.join('?' * width)})"
    rest: list[Sequence[Any]] = []

    def groups() -> Iterator[list[Any]]:
        while len(group := list(islice(rows, _TOGETHER))) == _TOGETHER:
            yield list(chain.from_iterable(group))
        rest.extend(group)

    db.executemany(f"INSERT INTO temp.{name} VALUES {', '.join([row] * _TOGETHER)}", groups())  # noqa: S608 - our own names
    db.executemany(f"INSERT INTO temp.{name} VALUES {row}", rest)  # noqa: S608 - likewise
