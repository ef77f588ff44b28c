"""The portal's end of the reading process: start it, hear one answer, end it at its deadline."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from datetime import datetime

from portal.refusals import Refused
from portal.verification.apart import frames
from portal.verification.apart.frames import MAX_ANSWER, Order
from portal.verification.opening import Kind, Read

COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "portal.verification.apart")
DEADLINE_SECONDS = 30.0
"""Of one file, by the wall clock; its CPU time is limited beside (confinement.py)."""
_PIECE = 64 * 1024
_NO_CONSOLE: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_UNREADABLE = {Kind.PDF: "pdf_malformed", Kind.XML: "xml_malformed"}
# Where programs and their libraries are found; nothing else of the portal's surroundings concerns a stranger's file.
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP")


class Reader:
    """Used on the event loop. One process for each file: one that takes it over sees no other."""

    def __init__(self, command: tuple[str, ...] = COMMAND, deadline: float = DEADLINE_SECONDS) -> None:
        self._command = command
        self._deadline = deadline

    async def read(self, kind: Kind, file: bytes, beside: bytes | None, now: datetime) -> tuple[Read, ...]:
        """What is signed in an XML or PDF file. Raises Refused (`frames.CODES`), also where the process crashes
        (pdf_malformed, xml_malformed), TimeoutError where it does not come to an end.
        """
        said = await self._answer(Order(kind, now, file, beside))
        try:
            return frames.parse(said, beside)
        except (ValueError, RecursionError) as error:
            raise Refused(_UNREADABLE[kind], "the process ended without an answer") from error

    async def _answer(self, order: Order) -> bytes:
        pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=null,  # a library's word may hold a piece of the document
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            creationflags=_NO_CONSOLE,
        )
        try:
            async with asyncio.timeout(self._deadline):
                return await _heard(process, order)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _heard(process: asyncio.subprocess.Process, order: Order) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a pipe was asked for")
    with contextlib.suppress(ConnectionError):  # it ended before it read: its answer says so, or that there is none
        for part in (order.header(), order.file, order.beside or b""):
            process.stdin.write(part)
            await process.stdin.drain()
    process.stdin.close()
    answer = bytearray()
    while len(answer) <= MAX_ANSWER and (piece := await process.stdout.read(_PIECE)):
        answer += piece
    return bytes(answer) if len(answer) <= MAX_ANSWER else b""
