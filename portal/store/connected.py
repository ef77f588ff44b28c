"""A connection to PostgreSQL as the store's jobs see it (portal.store.database)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from psycopg import Connection, Cursor, pq

from portal.store import greenlets
from portal.store.database import Database
from portal.store.dialect import numbered, translated
from portal.store.pipeline import Answer, Pipeline

T = TypeVar("T")


async def done(job: Callable[[Database], T], pipeline: Pipeline) -> T:
    """The job's result, once every statement of it is answered. Raises the first thing that went wrong within it: a
    statement that nobody looked at goes before what the job raised later.
    """
    return await greenlets.run(_whole, job, pipeline)


def _whole(job: Callable[[Database], T], pipeline: Pipeline) -> T:
    try:
        result = job(Connected(pipeline))
    except Exception:
        if pipeline.closed or pipeline.status is pq.TransactionStatus.INERROR:
            pipeline.drop()  # it has failed already
        greenlets.wait(pipeline.settle())
        raise
    greenlets.wait(pipeline.settle())
    return result


class Given:
    """What a statement gave. Who looks makes the round that brings it, and gets the error of whatever failed first in
    that round.
    """

    def __init__(self, answer: Answer, pipeline: Pipeline) -> None:
        self._answer = answer
        self._pipeline = pipeline
        self._rows: Iterator[Any] | None = None

    @property
    def rowcount(self) -> int:
        return self._looked_at().count

    @property
    def description(self) -> Sequence[Any] | None:
        return self._looked_at().columns

    def fetchone(self) -> Any:
        return next(iter(self), None)

    def fetchall(self) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        if self._rows is None:
            self._rows = iter(self._looked_at().rows)
        return self._rows

    def _looked_at(self) -> Answer:
        if self._answer.outstanding:
            greenlets.wait(self._pipeline.settle())
        if self._answer.error is not None:
            raise self._answer.error
        return self._answer


class Connected:
    """Statements go to the server when somebody looks at what one of them gave. Only within `done`."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Given:
        return self.executemany(sql, (parameters,))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Given:
        if self._pipeline.full:
            greenlets.wait(self._pipeline.settle())
        return Given(self._pipeline.hand_over(numbered(sql), map(_texts, rows)), self._pipeline)


class Held:
    """What a statement gave, all of it here."""

    def __init__(self, cursor: Cursor[Any], rows: list[Any]) -> None:
        self.rowcount = cursor.rowcount
        self.description = cursor.description
        self._rows: Iterator[Any] = iter(rows)

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows


class Direct:
    """The same for a command, which waits by itself, for each statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Held:
        cursor = self._connection.execute(translated(sql).encode(), _texts(parameters))
        return Held(cursor, cursor.fetchall() if cursor.description is not None else [])

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Held:
        cursor = self._connection.cursor()
        cursor.executemany(translated(sql).encode(), rows)
        return Held(cursor, [])

    def copy(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Many rows into a table, whose name and columns are ours, by PostgreSQL's COPY."""
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)


def _texts(parameters: Sequence[Any]) -> list[Any]:
    """With U+FFFD for NUL, which no text of PostgreSQL can hold: ours has none, and who asks for one finds nothing."""
    return [each.replace("\0", "\ufffd") if isinstance(each, str) and "\0" in each else each for each in parameters]
