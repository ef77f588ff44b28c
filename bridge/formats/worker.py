"""The daemon's end of the workers: start them, hear an answer to each order, end them with the batch."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from bridge import logs
from bridge.card.process.child_environment import NO_CONSOLE, inherited
from bridge.errors import BridgeError, DocumentMalformed, from_wire
from bridge.formats.order import DEADLINE_SECONDS, HEAD, MAX_ANSWER, Command, Facts, Order

COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.formats")
_AT_ONCE = 2
"""Workers of all requests together."""
_HELP_AFTER_SECONDS = 1.5
"""A worker loads its libraries for 0.7 s: a second one is worth that where the first is not through by then."""
_ANSWER_SECONDS = 15.0
"""Beside an order's own deadline: for the worker to start, and to tell that it ended a child."""
_SHARED_ORDERS, _SHARED_SECONDS = 20, 10.0
"""Without children (Windows) documents share a process: so many at most, and none after it has worked so long, which
leaves the last one most of the CPU time that the process may have."""
_CODES = frozenset(
    {"bad_request", "document_malformed", "document_not_kept", "document_refused", "format_unavailable", "too_large"}
)

T = TypeVar("T")
Run = Callable[[Order], Awaitable[Facts]]
Job = Callable[[Run], Awaitable[T]]


class Stage(NamedTuple):
    """What workers are started for."""

    command: Command
    formats: frozenset[str]


class Worker:
    """Used on the event loop."""

    def __init__(
        self, command: tuple[str, ...] = COMMAND, deadline: float = DEADLINE_SECONDS + _ANSWER_SECONDS
    ) -> None:
        self._command = command
        self._deadline = deadline
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def each(self, stage: Stage, jobs: Sequence[Job[T]]) -> list[T]:
        """What the jobs return, in their order. The first that fails ends the others, and the processes go with all.

        A job's `run` raises DocumentMalformed also where a process crashes or does not come to an end, and what that
        refuses by: BadRequest, DocumentNotKept, DocumentRefused, FormatUnavailable, TooLarge.
        """
        bench = _Bench(jobs)
        lanes = [asyncio.ensure_future(self._work(stage, bench, at * _HELP_AFTER_SECONDS)) for at in range(_AT_ONCE)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)  # what they write is gone before its place is
        return [bench.made[at] for at in range(len(jobs))]

    async def _work(self, stage: Stage, bench: _Bench[T], after: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bench.empty.wait(), after)
        if bench.empty.is_set():
            return
        async with self._turns:
            process = _Process((*self._command, stage.command, *sorted(stage.formats)), self._deadline)
            try:
                await bench.clear(process.run)
            finally:
                await process.end()


class _Bench(Generic[T]):
    """Jobs that wait, and what was made of the others."""

    def __init__(self, jobs: Sequence[Job[T]]) -> None:
        self._waiting = deque(enumerate(jobs))
        self.made: dict[int, T] = {}
        self.empty = asyncio.Event()
        self._look()

    async def clear(self, run: Run) -> None:
        while self._waiting:
            at, job = self._waiting.popleft()
            self._look()
            self.made[at] = await job(run)

    def _look(self) -> None:
        if not self._waiting:
            self.empty.set()


class _Process:
    """One worker, from its first order on; where documents have to share it, several after another."""

    def __init__(self, command: tuple[str, ...], deadline: float) -> None:
        self._command = command
        self._deadline = deadline
        self._process: asyncio.subprocess.Process | None = None
        self._orders = 0
        self._until = 0.0

    async def run(self, order: Order) -> Facts:
        try:
            return _result(await self._answer(order))
        except BridgeError as error:
            logs.info("document_refused", format=order.format, code=error.code)
            raise

    async def end(self) -> None:
        """With all its children: they are in its session."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    async def _answer(self, order: Order) -> bytes:
        """Nothing where it ends without. Raises DocumentMalformed where it does not come to an end."""
        if sys.platform == "win32" and (self._orders >= _SHARED_ORDERS or time.monotonic() > self._until):
            await self.end()
        process = self._process or await self._started()
        self._orders += 1
        try:
            async with asyncio.timeout(self._deadline):
                return await _heard(process, order.frame())
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.end()
            return b""
        except TimeoutError as error:
            await self.end()
            raise DocumentMalformed(f"{order.format}: not read within {self._deadline:g} s") from error

    async def _started(self) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        self._orders, self._until = 0, time.monotonic() + _SHARED_SECONDS
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,  # a library's word may hold a piece of the document
            env=inherited(),
            creationflags=NO_CONSOLE,
            start_new_session=True,
        )
        return self._process


async def _heard(process: asyncio.subprocess.Process, line: bytes) -> bytes:
    """Raises ConnectionError and IncompleteReadError where it has ended."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a pipe was asked for")
    process.stdin.write(line)
    await process.stdin.drain()
    (length,) = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
    return await process.stdout.readexactly(min(length, MAX_ANSWER))


def _result(answer: bytes) -> Facts:
    """What a worker says is not believed further than its form."""
    try:
        said: Any = json.loads(answer)
    except (ValueError, RecursionError):
        said = None
    match said:
        case {"result": dict(facts), **rest} if not rest and all(map(_is_fact, facts.values())):
            return facts
        case {"error": {"code": str(code), "reason": str(reason)}, **rest} if not rest and code in _CODES:
            raise from_wire({"code": code, "reason": reason[:200]})
    raise DocumentMalformed("the worker ended without an answer")


def _is_fact(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(type(each) is int for each in value))
