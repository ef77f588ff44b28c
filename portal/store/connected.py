"""A connection to PostgreSQL as the store's jobs see it (portal.store.database)."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Connection, Cursor

from portal.store.dialect import translated
from portal.store.greenlets import wait


class Given:
    """What a statement gave, all of it here."""

    def __init__(self, cursor: Cursor[Any] | AsyncCursor[Any], rows: list[Any]) -> None:
        self.rowcount = cursor.rowcount
        self.description = cursor.description
        self._rows: Iterator[Any] = iter(rows)

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows


class Connected:
    """Each statement is one round to the server. Only within greenlets.run."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Given:
        cursor = self._connection.cursor()
        wait(cursor.execute(translated(sql).encode(), _texts(parameters)))
        return Given(cursor, _at_once(cursor.fetchall()) if cursor.description is not None else [])

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Given:
        cursor = self._connection.cursor()
        wait(cursor.executemany(translated(sql).encode(), rows))
        return Given(cursor, [])


class Direct:
    """The same for a command, which waits by itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Given:
        cursor = self._connection.execute(translated(sql).encode(), _texts(parameters))
        return Given(cursor, cursor.fetchall() if cursor.description is not None else [])

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Given:
        cursor = self._connection.cursor()
        cursor.executemany(translated(sql).encode(), rows)
        return Given(cursor, [])

    def copy(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Many rows into a table, whose name and columns are ours, by PostgreSQL's COPY."""
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)


def _texts(parameters: Sequence[Any]) -> list[Any]:
    """With U+FFFD for NUL, which no text of PostgreSQL can hold: ours has none, and who asks for one finds nothing."""
    return [each.replace("\0", "\ufffd") if isinstance(each, str) and "\0" in each else each for each in parameters]


def _at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that has nothing to wait for: psycopg holds every row once a statement is done."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("rows were still under way")
