"""The store in one SQLite file: one writer with group commit, one reader beside it (WAL)."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from portal.store import schema
from portal.store.database import Database, Measured, StoreFault, Unavailable
from portal.store.reader import Reader
from portal.store.writer import Writer

T = TypeVar("T")

_STATEMENTS = 512  # the store has more than the 128 that are kept prepared unasked
_CACHE = "cache_size = -65536"  # KiB, as far as used: the inner pages of a million registrations' indexes stay at hand
_TEMPORARY = (
    "temp_store = MEMORY"  # else each page that a job changes is copied into a temporary file for its savepoint
)
# 16 MiB, four times SQLite's own: what many commits wrote to a page goes into the file once, and each time hundreds of
# pages that lie apart in a large file have to reach the disk (docs/decisions/0083-…).
_CHECKPOINT = "wal_autocheckpoint = 4096"
_PASSING = frozenset({"BUSY", "LOCKED", "FULL", "IOERR", "CANTOPEN", "READONLY", "NOMEM", "PROTOCOL"})
"""Primary result codes of what may pass by itself or by an administrator's hand (https://www.sqlite.org/rescode.html)."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection as the store uses it: WAL, synchronous FULL, transactions begun by hand."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=30, cached_statements=_STATEMENTS
    )
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 30000"):
        connection.execute(f"PRAGMA {pragma}")
    for pragma in (_CACHE, _TEMPORARY, _CHECKPOINT):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def connect_reading(path: Path) -> sqlite3.Connection:
    """A database that is only read; nothing is migrated. Raises sqlite3.Error, FileNotFoundError."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no database")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def fault(error: sqlite3.Error) -> StoreFault:
    """The store's own failure for SQLite's."""
    name = getattr(error, "sqlite_errorname", "")  # SQLITE_IOERR_WRITE; none where Python itself refused
    primary = name.removeprefix("SQLITE_").partition("_")[0]
    kind = Unavailable if primary in _PASSING else StoreFault
    return kind(str(error))


@contextlib.contextmanager
def faults() -> Iterator[None]:
    """SQLite's errors leave as the store's own."""
    try:
        yield
    except sqlite3.Error as error:
        raise fault(error) from error


def open_embedded(path: Path) -> Embedded:
    """The database in this file, made or migrated as needed. Raises schema.SchemaError, StoreFault, OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)  # personal data: before SQLite makes it with the umask's rights
    with faults():
        schema.migrate(path)
        return Embedded(path, Writer(connect(path)), Reader(connect(path)))


class Embedded:
    """The engine (portal.store.database) over a file."""

    def __init__(self, path: Path, writer: Writer, reader: Reader) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader

    async def close(self) -> None:
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(self._reader.close)

    async def write(self, job: Callable[[Database], T]) -> T:
        # Not cancelled with its caller: a browser that goes away must not leave it open whether the job runs.
        with faults():
            return await self._writer.submit(job)

    def post(self, job: Callable[[Database], object]) -> None:
        self._writer.post(job)

    async def read(self, query: Callable[[Database], T]) -> T:
        with faults():
            return await self._reader.submit(query)

    async def measured(self) -> Measured:
        """With its WAL. Raises OSError."""
        parts = (self._path, self._path.with_name(self._path.name + "-wal"))
        free = await asyncio.to_thread(shutil.disk_usage, self._path.parent)
        return Measured(sum(_size(part) for part in parts), free.free)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
