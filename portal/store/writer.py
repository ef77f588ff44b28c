"""One thread that writes: what waits is committed together, each job under its own savepoint, replies after COMMIT.

A commit costs a disk flush whatever it holds, so jobs that arrive while one is flushing share the next.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from portal.store import place
from portal.store.database import Database

T = TypeVar("T")
Job = Callable[[Database], T]

MAX_GROUP = 256  # jobs per commit: bounds how long the first of a group waits


class Writer:
    """The only writer of a database within this process. Whatever fails, its thread goes on with what comes next."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._place = place.of(connection)
        self._jobs: queue.SimpleQueue[tuple[Job[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> Future[T]:
        """The job's result, once it is on disk; its exception, once it is rolled back."""
        future: Future[T] = Future()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Finishes what waits, then closes the connection."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, ended = self._gather(first)
            self._commit(group)
            if ended:
                return

    def _gather(self, first: tuple[Job[Any], Future[Any]]) -> tuple[list[tuple[Job[Any], Future[Any]]], bool]:
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

    def _commit(self, group: list[tuple[Job[Any], Future[Any]]]) -> None:
        outcomes: list[Callable[[], None]] = []
        try:
            self._roll_back()  # what could not be a moment ago
            self._place.check()
            self._connection.execute("BEGIN IMMEDIATE")
            for job, future in group:
                if future.set_running_or_notify_cancel():
                    outcomes.append(self._attempt(job, future))
            self._connection.execute("COMMIT")
            self._place.check()  # what nobody would find again is told to nobody
        except Exception as error:  # disk full, locked by another process, no memory: nobody is told that it is written
            self._abandon(group, error)
            return
        for tell in outcomes:  # refusals as well: who was second looks for what the first has written
            tell()

    def _attempt(self, job: Job[Any], future: Future[Any]) -> Callable[[], None]:
        """Runs one job; gives what tells its caller the outcome."""
        self._connection.execute("SAVEPOINT job")
        try:
            result = job(self._connection)
        except BaseException as error:  # the caller's, and goes to the caller
            if not self._connection.in_transaction:  # SQLite itself rolled the whole group back (disk full)
                future.set_exception(error)
                raise sqlite3.OperationalError("transaction lost") from error
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            return partial(future.set_exception, error)
        self._connection.execute("RELEASE job")
        return partial(future.set_result, result)

    def _abandon(self, group: list[tuple[Job[Any], Future[Any]]], error: Exception) -> None:
        with contextlib.suppress(sqlite3.Error, MemoryError):
            self._roll_back()
        for _, future in group:
            if not future.done():
                future.set_exception(error)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
