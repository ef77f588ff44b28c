"""A whole database copied while the portal runs, and put back where it was lost.

A copy is made by SQLite's own backup (https://www.sqlite.org/backup.html), looked at, flushed, and only then has its
name. What comes back is looked at first as well, and what lay there before is kept beside it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from portal.store.schema import VERSION
from portal.store.sqlite import connect_reading as opened

_PAGES = 1000
"""Copied at a time; between two the portal writes."""
TABLES = ("companies", "registrations", "statements", "history", "outbox")


class Unusable(Exception):
    """A file that is no whole database of this portal, or a place that is taken; the text says which."""


class Contents(NamedTuple):
    rows: dict[str, int]
    """By table."""
    waiting: int
    """Mails that were not sent when the copy was made."""
    version: int


def save(database: Path, target: Path, progress: Callable[[int, int], None]) -> Contents:
    """Copies a database to a file that is not there yet. `progress`: bytes done, pages done.

    Raises Unusable, OSError, sqlite3.Error: there is no file of that name then.
    """
    _require_absent(target)
    with contextlib.closing(opened(database)) as source, _made(target) as fresh:
        with contextlib.closing(sqlite3.connect(fresh)) as copy:
            # One moment of it for the whole copy, or whatever is written meanwhile would begin it anew.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            (size,) = source.execute("PRAGMA page_size").fetchone()
            source.backup(
                copy, pages=_PAGES, progress=lambda _, left, every: progress((every - left) * size, every - left)
            )
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        return examined(fresh)


def examined(path: Path) -> Contents:
    """What a file holds, once every page of it was read and checked. Raises Unusable, OSError."""
    try:
        with contextlib.closing(opened(path)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            _check(path, db, version)
            rows = {table: _count(db, f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608 - our own names
            return Contents(rows, _count(db, "SELECT count(*) FROM outbox WHERE state = 'waiting'"), version)
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path}: {error}") from error


def put_back(backup: Path, database: Path, skip: int, now: datetime) -> tuple[Contents, Path | None]:
    """Puts a backup where a database belongs; what it held, and where the old one lies now (None: there was none).

    Visits and nonces of the backup's time end, so that nothing signed since can be sent a second time. Numbers of the
    企業ID sequence that were given since are passed over: the old database says which, else `skip` of them.

    Raises Unusable, OSError, sqlite3.Error: everything is as it was then.
    """
    contents = examined(backup)
    fresh = database.with_name(database.name + ".restored")
    fresh.unlink(missing_ok=True)
    with (
        _made(fresh) as copy,
        contextlib.closing(opened(backup)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        _begin_anew(target, _next_number(database, target, skip))
    settle(database)
    kept = _set_aside(database, now)
    fresh.rename(database)
    _flush(database.parent)
    return contents, kept


def settle(database: Path) -> None:
    """Everything into the one file, which works only while nobody else has it open. Raises Unusable."""
    if not database.is_file():
        return
    with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(database, timeout=0)) as db:
        try:
            (mode,) = db.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise Unusable(f"{database}: in use; end the portal first ({error})") from error
        if mode != "delete":
            raise Unusable(f"{database}: in use; end the portal first")


def _check(path: Path, db: sqlite3.Connection, version: int) -> None:
    if not 0 < version <= VERSION:
        raise Unusable(f"{path}: version {version} of the tables; this software knows 1 to {VERSION}")
    (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise Unusable(f"{path}: {said}")
    if (row := db.execute("PRAGMA foreign_key_check").fetchone()) is not None:
        raise Unusable(f"{path}: a row of {row[0]} rests on one of {row[2]} that is not there")


def _count(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])


def _require_absent(target: Path) -> None:
    if target.exists():
        raise Unusable(f"{target}: is there already; a backup is never written over")


@contextlib.contextmanager
def _made(target: Path) -> Iterator[Path]:
    """A file beside the target, this user's alone, which gets its name when all went well."""
    fresh = target.with_name(target.name + ".new")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        yield fresh
        _flush(fresh)
        fresh.rename(target)
        _flush(target.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _begin_anew(db: sqlite3.Connection, number: int) -> None:
    with db:
        db.execute("DELETE FROM sessions")
        db.execute("DELETE FROM nonces")
        db.execute("UPDATE outbox SET lease = NULL")
        if number > _highest(db):  # AUTOINCREMENT goes on after the highest that there ever was
            db.execute("INSERT INTO company_ids (number, company_id) VALUES (?, NULL)", (number,))
            db.execute("DELETE FROM company_ids WHERE number = ? AND company_id IS NULL", (number,))


def _next_number(database: Path, restored: sqlite3.Connection, skip: int) -> int:
    """The last number of the sequence that may have been given to somebody."""
    try:
        with contextlib.closing(opened(database)) as old:
            return max(_highest(old), _highest(restored))
    except (FileNotFoundError, sqlite3.DatabaseError):
        return _highest(restored) + skip


def _highest(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'company_ids'").fetchone()
    return 0 if row is None else int(row[0])


def _set_aside(database: Path, now: datetime) -> Path | None:
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%SZ}")
    for suffix in ("-wal", "-shm", ""):  # the first two only beside a file that is damaged
        if (part := database.with_name(database.name + suffix)).exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept
