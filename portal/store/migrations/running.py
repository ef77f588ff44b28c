"""Takes a database from one revision to another: in one transaction, by one process at a time.

Whatever ends it in between, the database is as it was. SQLite holds its write lock from the first statement on,
PostgreSQL an advisory lock; who waited for it looks anew at what there is.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal.store import sqlite
from portal.store.database import StoreFault, Unavailable
from portal.store.migrations import keeping
from portal.store.schema import HEAD, SchemaError

CONNECTION = "connection"
BASE = "base"
"""The revision of a database without tables."""
_LOCK = 0x43425044  # of PostgreSQL's advisory locks: ours alone in a database of ours
_SECONDS = 60  # that one waits for another's migration on SQLite
_ONE = threading.Lock()  # Alembic's context is one for the process


class DataLoss(SchemaError):
    """A downgrade would take rows out. `rows`: by table."""

    def __init__(self, rows: dict[str, int]) -> None:
        told = ", ".join(f"{table}: {count}" for table, count in rows.items())
        super().__init__(f"rows would be lost ({told}); nothing was changed. With --lose-data they are taken out")
        self.rows = rows


class Moved(NamedTuple):
    before: str
    after: str
    copy: Path | None
    """Of what was there, where an upgrade made one."""


def upgrade(place: Path | str) -> Moved:
    """To the newest revision. Raises SchemaError, StoreFault, OSError, backup.Unusable."""
    return move(place, HEAD)


def move(place: Path | str, to: str, lose: bool = False) -> Moved:
    """To a revision, up or down; `lose`: though rows go. Raises what upgrade does, DataLoss."""
    with _ONE, begun(place) as connection:
        config = _config(connection)
        before = _taken_over(connection, config)
        if to != BASE and to not in revisions():
            raise SchemaError(f"no revision {to}; there are {', '.join(revisions())}")
        copy = None
        if _number(to) > _number(before):
            copy = keeping.copied(place, before) if isinstance(place, Path) and before != BASE else None
            command.upgrade(config, to)
        elif to != before:
            if not lose and (rows := _losses(connection, before, to)):
                raise DataLoss(rows)
            command.downgrade(config, to)
        _require_whole(connection)
        return Moved(before, to, copy)


def revision(place: Path | str) -> str:
    """The one of a database, BASE without tables. Raises StoreFault; SchemaError for one that nobody here knows."""
    with begun(place) as connection:
        return revision_of(connection)


def revisions() -> dict[str, str]:
    """Every revision there is, the oldest first, with what it brings in a line."""
    walked = ScriptDirectory(str(Path(__file__).parent)).walk_revisions()
    return {script.revision: script.doc for script in reversed(list(walked))}


def noted(ctx: MigrationContext) -> None:
    """Alembic's own table says which revision it is; SQLite's header as well, for earlier versions and backups."""
    if ctx.connection is not None and ctx.dialect.name == "sqlite":
        found = ctx.get_current_revision()
        ctx.connection.exec_driver_sql(f"PRAGMA user_version = {_number(found or BASE)}")


def build(connection: sa.Connection) -> None:
    """The newest tables within a transaction that `begun` began."""
    with _ONE:
        config = _config(connection)
        if _taken_over(connection, config) != HEAD:
            command.upgrade(config, HEAD)


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes[CONNECTION] = connection
    return config


@contextlib.contextmanager
def begun(place: Path | str) -> Iterator[sa.Connection]:
    """Committed at the end, with nobody else's migration beside it."""
    engine = _postgresql(place) if isinstance(place, str) else _sqlite(place)
    try:
        with engine.begin() as connection:
            if isinstance(place, str):
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection
    except sa.exc.DBAPIError as error:
        raise _fault(error) from error
    finally:
        engine.dispose()


def _fault(error: sa.exc.DBAPIError) -> StoreFault:
    if isinstance(error.orig, sqlite3.Error):
        return sqlite.fault(error.orig)
    passing = isinstance(error, sa.exc.OperationalError)  # gone, too busy, out of room
    return (Unavailable if passing else StoreFault)(str(error.orig))


def _sqlite(path: Path) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=_SECONDS)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html: the driver's own transactions would end before each DDL.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _postgresql(url: str) -> sa.Engine:
    import psycopg

    return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sa.NullPool)


def revision_of(connection: sa.Connection) -> str:
    """As `revision`, within a transaction."""
    found = _stamped(connection) or _numbered(connection)
    if found != BASE and found not in revisions():
        raise SchemaError(f"the database has version {found}, this software knows up to {HEAD}")
    return found


def _taken_over(connection: sa.Connection, config: Config) -> str:
    """The database's revision, which Alembic knows of afterwards though numbered steps brought it there."""
    found = revision_of(connection)
    if found != BASE and _stamped(connection) is None:
        command.stamp(config, found)
    return found


def _stamped(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchone()
    return BASE if row is None else str(row[0])


def _numbered(connection: sa.Connection) -> str:
    """As the steps counted that came before the revisions, and were the same."""
    if connection.dialect.name != "sqlite":
        return BASE
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    return f"{version:04d}" if version else BASE


def _number(revision_: str) -> int:
    return 0 if revision_ == BASE else int(revision_)


def _losses(connection: sa.Connection, before: str, to: str) -> dict[str, int]:
    """How many rows a downgrade takes out, by table."""
    walked = ScriptDirectory(str(Path(__file__).parent)).walk_revisions(head=before)
    gone = (table for script in walked if _number(script.revision) > _number(to) for table in script.module.DROPS)
    counts = {
        table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608 - our own names
        for table in gone
    }
    return {table: int(count) for table, count in counts.items() if count}


def _require_whole(connection: sa.Connection) -> None:
    """SQLite looks at foreign keys only when asked after its tables changed."""
    if connection.dialect.name == "sqlite":
        row = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
        if row is not None:
            raise SchemaError(f"a row of {row[0]} rests on one of {row[2]} that is not there; nothing was changed")
