"""One thread that writes: what waits is committed together, each job under its own savepoint, replies after COMMIT.

A commit costs a disk flush whatever it holds, so jobs that arrive while one is flushing share the next, and jobs of one
turn of the event loop are handed over together at its end; and their callers are told together, so that a whole group
wakes the event loop once.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from portal.store import place
from portal.store.database import Database

T = TypeVar("T")
Job = Callable[[Database], T]

MAX_GROUP = 256  # jobs per commit: bounds how long the first of a group waits


class _Waiting(NamedTuple):
    job: Job[Any]
    future: asyncio.Future[Any] | None  # None: nobody waits


class _Outcome(NamedTuple):
    future: asyncio.Future[Any] | None
    result: Any
    error: BaseException | None


class Writer:
    """The only writer of a database within this process. Whatever fails, its thread goes on with what comes next."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._place = place.of(connection)
        self._coming: deque[_Waiting] = deque()
        self._jobs: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> asyncio.Future[T]:
        """The job's result, once it is on disk; its exception, once it is rolled back. On an event loop.

        It runs whatever becomes of the future: who cancels that does not hear of it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._coming.append(_Waiting(job, future))
        loop.call_soon(self._hand_over)  # not at once: the thread would begin with one where a hundred come
        return future

    def post(self, job: Job[object]) -> None:
        """As `submit`, for nobody to hear of, and from any thread."""
        self._hand_over()
        self._jobs.put(_Waiting(job, None))

    def close(self) -> None:
        """Finishes what waits, then closes the connection."""
        self._hand_over()
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _hand_over(self) -> None:
        with contextlib.suppress(IndexError):  # none left
            while True:
                self._jobs.put(self._coming.popleft())

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, ended = self._gather(first)
            _tell(self._commit(group))
            if ended:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                waiting = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
            if waiting is None:
                return group, True
            group.append(waiting)
        return group, False

    def _commit(self, group: list[_Waiting]) -> list[_Outcome]:
        try:
            self._roll_back()  # what could not be a moment ago
            self._place.check()
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(each) for each in group]
            self._connection.execute("COMMIT")
            self._place.check()  # what nobody would find again is told to nobody
        except Exception as error:  # disk full, locked by another process, no memory: nobody is told that it is written
            with contextlib.suppress(sqlite3.Error, MemoryError):
                self._roll_back()
            return [_Outcome(each.future, None, error) for each in group]
        return outcomes  # refusals as well: who was second looks for what the first has written

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _attempt(self, waiting: _Waiting) -> _Outcome:
        """Runs one job. Raises sqlite3.Error where that lost the whole transaction."""
        self._connection.execute("SAVEPOINT job")
        try:
            result = waiting.job(self._connection)
        except BaseException as error:  # the caller's, and goes to the caller
            if not self._connection.in_transaction:  # SQLite itself rolled the whole group back (disk full)
                raise _lost(error) from error
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            return _Outcome(waiting.future, None, error)
        self._connection.execute("RELEASE job")
        return _Outcome(waiting.future, result, None)


def _lost(error: BaseException) -> sqlite3.Error:
    return error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError("transaction lost")


def _tell(outcomes: list[_Outcome]) -> None:
    """Hands a group's outcomes to the event loop that waits for them, in one turn of it."""
    for loop in {each.future.get_loop() for each in outcomes if each.future is not None}:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear of it
            loop.call_soon_threadsafe(_settle, loop, outcomes)


def _settle(loop: asyncio.AbstractEventLoop, outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future is None or future.done() or future.get_loop() is not loop:  # done: cancelled meanwhile
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
