"""A thread that works on one connection. Jobs are handed to it, and their callers told of them, many at a time.

Jobs of one turn of the event loop are handed over together at its end, and those of a group are told together, so that
a whole group wakes thread and event loop once. Where there is one core, that costs more than what most jobs do.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from portal.store.database import Database

T = TypeVar("T")
Job = Callable[[Database], T]

MAX_GROUP = 256  # jobs of a group: bounds how long the first of them waits for the last


class Waiting(NamedTuple):
    """A job that was handed over."""

    job: Job[Any]
    future: asyncio.Future[Any] | None  # None: nobody waits


class Outcome(NamedTuple):
    """What a job came to: a result, or an error."""

    future: asyncio.Future[Any] | None
    result: Any
    error: BaseException | None


class Lane(ABC):
    """Whatever fails, its thread goes on with what comes next. `_work` is what a lane does with a group."""

    def __init__(self, name: str, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._coming: deque[Waiting] = deque()
        self._jobs: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> asyncio.Future[T]:
        """The job's result or exception. On an event loop.

        It runs whatever becomes of the future: who cancels that does not hear of it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._coming.append(Waiting(job, future))
        loop.call_soon(self._hand_over)  # not at once: the thread would begin with one where a hundred come
        return future

    def post(self, job: Job[object]) -> None:
        """As `submit`, for nobody to hear of, and from any thread."""
        self._hand_over()
        self._jobs.put(Waiting(job, None))

    def close(self) -> None:
        """Finishes what waits, then closes the connection."""
        self._hand_over()
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    @abstractmethod
    def _work(self, group: list[Waiting]) -> list[Outcome]:
        """An outcome for each. It raises nothing."""

    def _hand_over(self) -> None:
        with contextlib.suppress(IndexError):  # none left
            while True:
                self._jobs.put(self._coming.popleft())

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, ended = self._gather(first)
            _tell(self._work(group))
            if ended:
                return

    def _gather(self, first: Waiting) -> tuple[list[Waiting], bool]:
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


def _tell(outcomes: list[Outcome]) -> None:
    """Hands a group's outcomes to the event loop that waits for them, in one turn of it."""
    for loop in {each.future.get_loop() for each in outcomes if each.future is not None}:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear of it
            loop.call_soon_threadsafe(_settle, loop, outcomes)


def _settle(loop: asyncio.AbstractEventLoop, outcomes: list[Outcome]) -> None:
    for future, result, error in outcomes:
        if future is None or future.done() or future.get_loop() is not loop:  # done: cancelled meanwhile
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
