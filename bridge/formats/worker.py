"""The daemon's end of the worker: start it, hear one answer, end it at its deadline."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import Any

from bridge import logs
from bridge.card.process.child_environment import NO_CONSOLE, inherited
from bridge.errors import BridgeError, DocumentMalformed, from_wire
from bridge.formats.order import MAX_ANSWER, Facts, Order

COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.formats")
DEADLINE_SECONDS = 60.0
"""Of one order, by the wall clock; its CPU time is limited beside (`confinement`)."""
_AT_ONCE = 2
_CODES = frozenset({"bad_request", "document_malformed", "document_refused", "format_unavailable", "too_large"})


class Worker:
    """Used on the event loop. One process for each order: a document that takes it over sees no other."""

    def __init__(self, command: tuple[str, ...] = COMMAND, deadline: float = DEADLINE_SECONDS) -> None:
        self._command = command
        self._deadline = deadline
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def run(self, order: Order) -> Facts:
        """Raises DocumentMalformed also where the worker crashes or does not come to an end, and what it refuses by:
        DocumentRefused, FormatUnavailable, TooLarge.
        """
        async with self._turns:
            try:
                return _result(await self._answer(order))
            except BridgeError as error:
                logs.info("document_refused", format=order.format, code=error.code)
                raise

    async def _answer(self, order: Order) -> bytes:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,  # a library's word may hold a piece of the document
            env=inherited(),
            creationflags=NO_CONSOLE,
        )
        try:
            async with asyncio.timeout(self._deadline):
                return await _heard(process, order.frame())
        except TimeoutError as error:
            raise DocumentMalformed(f"{order.format}: not read within {self._deadline:g} s") from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _heard(process: asyncio.subprocess.Process, frame: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a pipe was asked for")
    with contextlib.suppress(ConnectionError):  # it ended before it read: its answer says so, or that there is none
        process.stdin.write(frame)
        await process.stdin.drain()
    process.stdin.close()
    answer = bytearray()
    while len(answer) <= MAX_ANSWER and (piece := await process.stdout.read(MAX_ANSWER)):
        answer += piece
    return bytes(answer)


def _result(answer: bytes) -> Facts:
    """What a worker says is not believed further than its form."""
    try:
        said: Any = json.loads(answer) if len(answer) <= MAX_ANSWER else None
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
