"""Both databases that the portal's tables stand in, looked at in one way."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from tests.unit import every_row
from tests.unit.every_row import Row

Place = Path | str


def name(url: str) -> str:
    """The database's, in a URL of the tests' cluster."""
    return url.partition("@/")[2].partition("?")[0]


@contextlib.contextmanager
def opened(place: Place) -> Iterator[Any]:
    """A connection with `execute`, committed at the end."""
    if isinstance(place, str):
        with psycopg.connect(place) as theirs:
            yield theirs
    else:
        with contextlib.closing(sqlite3.connect(place)) as db, db:
            yield db


def fill(place: Place, *parts: dict[str, list[Row]]) -> None:
    """Puts the rows in."""
    with opened(place) as db:
        for part in parts or every_row.EVERY:
            for statement, rows in every_row.inserts(part):
                cursor = db.cursor()
                cursor.executemany(statement.replace("?", "%s") if isinstance(place, str) else statement, rows)


def rows(place: Place, *parts: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """What is in the tables of these parts, in the order of their texts."""
    with opened(place) as db:
        return {
            table: sorted(map(tuple, db.execute(f"SELECT * FROM {table}").fetchall()), key=repr)  # noqa: S608
            for part in parts or every_row.EVERY
            for table in part
        }


def expected(*parts: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {table: sorted(given, key=repr) for part in parts or every_row.EVERY for table, given in part.items()}


def shape(place: Place) -> dict[str, Any]:
    """Each table with its columns, keys and indexes, in words that both databases share."""
    url = place.replace("postgresql://", "postgresql+psycopg://") if isinstance(place, str) else f"sqlite:///{place}"
    # One connection, and no compiling of queries that each run once.
    quick = {"options": "-c jit=off"} if isinstance(place, str) else {}
    engine = sa.create_engine(url, poolclass=sa.StaticPool, connect_args=quick)
    try:
        found = sa.inspect(engine)
        parts: list[Any] = [each() for each in _parts(found)]
        tables = sorted(found.get_table_names())
        return {table: _table([part[None, table] for part in parts], _cascades(place, table)) for table in tables}
    finally:
        engine.dispose()


def _parts(found: sa.Inspector) -> tuple[Callable[[], Any], ...]:
    return (
        found.get_multi_columns,
        found.get_multi_pk_constraint,
        found.get_multi_unique_constraints,
        found.get_multi_foreign_keys,
        found.get_multi_indexes,
        found.get_multi_check_constraints,
    )


def _table(parts: list[Any], cascades: set[str]) -> dict[str, Any]:
    columns, key, unique, foreign, indexes, checks = parts
    keys = key["constrained_columns"]
    return {
        "columns": [
            (
                each["name"],
                _kind(each["type"]),
                each["nullable"] and each["name"] not in keys,
                _default(each["default"]),
            )
            for each in columns
        ],
        "key": keys,
        "unique": sorted(each["column_names"] for each in unique),
        "foreign": sorted(
            (each["constrained_columns"], each["referred_table"], each["referred_columns"]) for each in foreign
        ),
        "cascades": cascades,
        "indexes": sorted(_index(each) for each in indexes if not each.get("duplicates_constraint")),
        "checks": len(checks),
    }


def _cascades(place: Place, table: str) -> set[str]:
    """Columns whose row goes with the one that it names; SQLAlchemy does not read that in each form of SQLite's."""
    if isinstance(place, Path):
        with opened(place) as db:
            return {row[3] for row in db.execute(f"PRAGMA foreign_key_list({table})") if row[6] == "CASCADE"}
    query = (
        "SELECT a.attname FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.conrelid = %s::regclass AND c.confdeltype = 'c'"
    )
    with opened(place) as db:
        return {name for (name,) in db.execute(query, (table,))}


def _kind(column: sa.types.TypeEngine[Any]) -> str:
    for kind in (sa.LargeBinary, sa.Integer, sa.String):
        if isinstance(column, kind):
            return kind.__name__
    raise AssertionError(column)


def _default(written: str | None) -> str | None:
    return None if written is None else written.partition("::")[0].strip("'")


def _index(found: Any) -> tuple[str, list[str], bool, str]:
    options = found.get("dialect_options", {})
    condition = options.get("sqlite_where") if "sqlite_where" in options else options.get("postgresql_where")
    words = "" if condition is None else str(condition).replace("::text", "").strip("()")
    return found["name"], found["column_names"], bool(found["unique"]), words
