"""Statements to PostgreSQL in rounds: what was handed over since the last one goes out together, and one answer comes
back for all of it, by libpq's pipeline mode (https://www.postgresql.org/docs/current/libpq-pipeline-mode.html).

By psycopg.pq, psycopg's layer of libpq, and not by its cursors: these cost more than the rest of a statement, and take
one for prepared that never was, because what stood before it had failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count, zip_longest
from typing import Any, NamedTuple

from psycopg import AsyncConnection, Error, OperationalError, adapt, errors, pq
from psycopg.abc import Buffer, PQGen, Transformer
from psycopg.pq.abc import PGresult
from psycopg.waiting import Ready, Wait

MOST = 500
"""Statements in one round; more take several. Bounds what lies in memory on both sides."""
PREPARED = 256
"""Statements kept prepared on a connection: the first that came twice."""
_AUTO = adapt.PyFormat.AUTO
_Key = tuple[bytes, tuple[int, ...]]
"""A statement's text, and its parameters' types by their OIDs."""


class Answer:
    """What a statement gave, once for each row of its parameters; all here when none is outstanding."""

    def __init__(self, outstanding: int) -> None:
        self.outstanding = outstanding
        self.error: Error | None = None
        self.count = 0  # of rows, -1 where nobody counted
        self.columns: list[tuple[Any, ...]] | None = None  # each one's name first
        self.rows: list[tuple[Any, ...]] = []

    def fail(self, error: Error) -> None:
        self.error = self.error or error
        self.outstanding -= 1

    def take(self, result: PGresult, adapted: Transformer) -> None:
        self.outstanding -= 1
        if result.status != pq.ExecStatus.TUPLES_OK:
            self.count = -1 if result.command_tuples is None else self.count + result.command_tuples
            return
        adapted.set_pgresult(result)
        self.columns = [((result.fname(number) or b"").decode(),) for number in range(result.nfields)]
        self.rows += adapted.load_rows(0, result.ntuples, tuple)
        self.count += result.ntuples


class _Statement(NamedTuple):
    key: _Key
    values: Sequence[Buffer | None]
    formats: Sequence[pq.Format]
    answer: Answer


class _Name(NamedTuple):
    key: _Key
    name: bytes


class Pipeline:
    """One connection's, for as long as it lasts: nothing else may send over it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        self._libpq.enter_pipeline_mode()
        self._adapted = adapt.Transformer(connection)
        self._waiting: list[_Statement] = []
        self._seen: set[_Key] = set()
        self._prepared: dict[_Key, bytes] = {}
        self._names = (f"s{number}".encode() for number in count())

    @property
    def closed(self) -> bool:
        return self._connection.closed

    @property
    def status(self) -> pq.TransactionStatus:
        """As of the last round."""
        return self._connection.info.transaction_status

    async def close(self) -> None:
        await self._connection.close()

    def hand_over(self, sql: bytes, rows: Iterable[Sequence[Any]] = ((),)) -> Answer:
        """A statement for the next round, once for each row of parameters (`$1`, `$2`, …).

        Raises what psycopg and codecs raise for what cannot be a parameter; nothing is handed over then.
        """
        bound = [self._bound(row) for row in rows]
        answer = Answer(len(bound))
        self._waiting += [_Statement((sql, types), values, formats, answer) for values, types, formats in bound]
        return answer

    def _bound(self, row: Sequence[Any]) -> tuple[Sequence[Buffer | None], tuple[int, ...], Sequence[pq.Format]]:
        values = self._adapted.dump_sequence(row, [_AUTO] * len(row))
        return values, self._adapted.types or (), self._adapted.formats or ()

    @property
    def full(self) -> bool:
        return len(self._waiting) >= MOST

    def drop(self) -> None:
        """Forgets what was handed over and not sent."""
        self._waiting.clear()

    async def settle(self) -> None:
        """One round, if anything waits: afterwards all of it is answered.

        Raises psycopg.Error: of the first statement that failed. Those behind it in its round were not done, and have
        that error, too. A connection that ended is closed then.
        """
        waiting, self._waiting = self._waiting, []
        for begin in range(0, len(waiting), MOST):
            await self._round(waiting[begin : begin + MOST])

    async def _round(self, statements: list[_Statement]) -> None:
        sent: list[_Name | Answer] = []
        results: list[PGresult] = []
        ended: Error | None = None
        try:
            await self._connection.wait(self._exchanged(statements, sent, results))
        except OperationalError as error:
            ended = error
        finally:
            if not _whole(results):  # answers still under way would be taken for those to something else
                self._libpq.finish()
        self._take(sent, [each for each in results if each.status != pq.ExecStatus.PIPELINE_SYNC], ended)

    def _take(self, sent: list[_Name | Answer], results: list[PGresult], ended: Error | None) -> None:
        failed: Error | None = None
        for each, result in zip_longest(sent, results):
            if failed is None:
                failed = ended if result is None else self._error(result)
            if isinstance(each, Answer) and failed is not None:
                each.fail(failed)
            elif isinstance(each, Answer):
                each.take(result, self._adapted)
            elif each is not None and failed is None:
                self._prepared[each.key] = each.name
        if failed is not None:
            raise failed

    def _error(self, result: PGresult) -> Error | None:
        if result.status != pq.ExecStatus.FATAL_ERROR:
            return None
        return errors.error_from_result(result, encoding=self._connection.info.encoding)

    def _exchanged(
        self, statements: list[_Statement], sent: list[_Name | Answer], results: list[PGresult]
    ) -> PQGen[None]:
        """Fills both lists, which keep what there is where it ends too early."""
        names: dict[_Key, bytes] = {}
        for statement in statements:
            sent += self._send(statement, names)
        self._libpq.pipeline_sync()
        while self._libpq.flush():
            if (yield Wait.RW) & Ready.R:  # what is long on both sides must not wait for each other
                self._libpq.consume_input()
        while not _whole(results):
            result = yield from self._next()
            if result is not None:  # between two statements' results stands none
                results.append(result)

    def _next(self) -> PQGen[PGresult | None]:
        while self._libpq.is_busy():
            yield Wait.R
            self._libpq.consume_input()
        return self._libpq.get_result()

    def _send(self, statement: _Statement, names: dict[_Key, bytes]) -> list[_Name | Answer]:
        """`names`: of what this round prepares."""
        key, values, formats, answer = statement
        name = self._prepared.get(key) or names.get(key)
        sent: list[_Name | Answer] = [answer]
        if name is None and key in self._seen and len(self._prepared) + len(names) < PREPARED:
            name = names[key] = next(self._names)
            self._libpq.send_prepare(name, *key)
            sent.insert(0, _Name(key, name))
        if name is None:
            self._see(key)
            self._libpq.send_query_params(key[0], values, key[1], formats)
        else:
            self._libpq.send_query_prepared(name, values, formats)
        return sent

    def _see(self, key: _Key) -> None:
        if len(self._seen) >= 4 * PREPARED:
            self._seen.clear()
        self._seen.add(key)


def _whole(results: list[PGresult]) -> bool:
    return bool(results) and results[-1].status == pq.ExecStatus.PIPELINE_SYNC
