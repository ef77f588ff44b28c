"""Every row of a SQLite database into an empty PostgreSQL database, in one transaction of the latter.

What the target holds is read back and compared before it is committed: whatever ends the move earlier, the target is as
empty as before, and the source is only read. Nobody else has the source open meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa

from portal.archive.backup import Unusable, settle
from portal.store import schema, sqlite
from portal.store.database import StoreFault
from portal.store.migrations import running

_ALEMBIC = "alembic_version"
_BATCH = 1000


class Table(NamedTuple):
    """A table with its columns in one order, and those of its key: both databases sort by them alike."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    counted: bool
    """The database counts its key up."""

    @property
    def query(self) -> str:
        return f"SELECT {_listed(self.columns)} FROM {self.name} ORDER BY {_listed(self.key)}"  # noqa: S608 - our own


class Digest:
    """Rows counted and hashed (SHA-256 over what Python writes for each: None, numbers, texts and octets differ)."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.sha256()

    def over(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            self.rows += 1
            self._hash.update(repr(row).encode())
            yield row

    @property
    def value(self) -> tuple[int, str]:
        return self.rows, self._hash.hexdigest()


def move(source: Path, url: str, progress: Callable[[int, int], None]) -> dict[str, int]:
    """Rows by table. `progress`: steps done, of twice as many as there are rows, and rows.

    Raises Unusable (the source is in use, the target not empty or other than what it was given), SchemaError,
    StoreFault, OSError: nothing was moved then.
    """
    schema.migrate(source)
    with sqlite.faults(), _faults(), _alone(source) as db, running.begun(url) as connection:
        _require_nothing(connection)
        running.build(connection)
        target: psycopg.Connection[tuple[Any, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
        tables = _tables(connection)
        step = _steps(progress)
        moved = {table: _copied(db, target, table, step) for table in tables}
        for table, digest in moved.items():
            _require_same(target, table, digest, step)
            _count_on(db, target, table)
        return {table.name: digest.rows for table, digest in moved.items()}


def rows(source: Path) -> int:
    """How many a database holds. Raises StoreFault."""
    with sqlite.faults(), contextlib.closing(sqlite3.connect(source)) as db:
        names = db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return sum(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in names)  # noqa: S608


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise StoreFault(str(error)) from error


@contextlib.contextmanager
def _alone(source: Path) -> Iterator[sqlite3.Connection]:
    """The source with everybody else shut out, in one file without WAL. Raises Unusable."""
    settle(source)
    with contextlib.closing(sqlite3.connect(source, isolation_level=None, timeout=0)) as db:
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise Unusable(f"{source}: in use; end the portal first ({error})") from error
        yield db
        db.execute("ROLLBACK")


def _require_nothing(connection: sa.Connection) -> None:
    """Raises Unusable unless there are no tables, or ours without a row."""
    known = running.revision_of(connection) if _ALEMBIC in (names := sa.inspect(connection).get_table_names()) else ""
    if names and not known:
        raise Unusable(f"the target is not empty: it has tables of another program, like {names[0]}")
    for name in sorted(set(names) - {_ALEMBIC}):
        if connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").fetchone():  # noqa: S608 - a table's own name
            raise Unusable(f"the target is not empty: {name} has rows")


def _tables(connection: sa.Connection) -> list[Table]:
    """As the target has them, each after those that it rests on."""
    found = sa.MetaData()
    found.reflect(connection)
    return [
        Table(
            table.name,
            tuple(column.name for column in table.columns),
            tuple(column.name for column in table.primary_key),
            any(column.identity is not None for column in table.columns),
        )
        for table in found.sorted_tables
        if table.name != _ALEMBIC
    ]


def _copied(db: sqlite3.Connection, target: psycopg.Connection[Any], table: Table, step: Callable[[], None]) -> Digest:
    digest = Digest()
    rows_ = db.execute(table.query)
    with target.cursor().copy(f"COPY {table.name} ({_listed(table.columns)}) FROM STDIN") as copy:
        for row in digest.over(rows_):
            copy.write_row(row)
            step()
    return digest


def _require_same(target: psycopg.Connection[Any], table: Table, copied: Digest, step: Callable[[], None]) -> None:
    """Raises Unusable where the target gives other rows back than it was given."""
    back = Digest()
    with target.cursor(f"back_{table.name}") as cursor:  # by name: the server keeps the rows, and gives some at a time
        cursor.itersize = _BATCH
        for _ in back.over(cursor.execute(table.query)):
            step()
    if back.value != copied.value:
        raise Unusable(f"{table.name}: {copied.rows} rows were given to the target, and it holds {back.rows} others")


def _count_on(db: sqlite3.Connection, target: psycopg.Connection[Any], table: Table) -> None:
    """The target counts on where the source would have, whatever was taken out of it."""
    if not table.counted:
        return
    (key,) = table.key
    (highest,) = db.execute(f"SELECT coalesce(max({key}), 0) FROM {table.name}").fetchone()  # noqa: S608 - our own
    kept = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).fetchone()
    last = max(highest, kept[0] if kept else 0)
    if last:
        target.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", (table.name, key, last))


def _steps(progress: Callable[[int, int], None]) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if done % _BATCH == 0:
            progress(done, done // 2)

    return step


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
