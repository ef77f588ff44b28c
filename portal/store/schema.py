"""Which revision of the tables a database has, in one row.

Times are ISO 8601 in UTC with microseconds, so that they compare as text. The revisions are in
portal.store.migrations, which needs Alembic and is loaded only where a database is not at the newest.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from portal.store.database import Unavailable

HEAD = "0004"
"""The newest revision. Revisions are counted, and SQLite's `user_version` is that number."""
VERSION = int(HEAD)


class SchemaError(Exception):
    """The database was written by a newer version of this software, or cannot be migrated; the text says why."""


def migrate(place: Path | str) -> None:
    """The newest tables at a file's path or PostgreSQL's URL, whatever was there. Raises SchemaError, StoreFault."""
    if _revision(place) != HEAD:
        from portal.store.migrations import running

        running.upgrade(place)


def _revision(place: Path | str) -> str | None:
    query = "SELECT version_num FROM alembic_version"
    if isinstance(place, str):
        return _of_server(place, query)
    with contextlib.closing(sqlite3.connect(place)) as db, contextlib.suppress(sqlite3.OperationalError):
        found = db.execute(query).fetchone()
        return None if found is None else str(found[0])
    return None


def _of_server(url: str, query: str) -> str | None:
    import psycopg  # where a PostgreSQL is configured

    try:
        with psycopg.connect(url) as db:
            found = db.execute(query).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    except psycopg.Error as error:
        raise Unavailable(str(error)) from error
    return None if found is None else str(found[0])
