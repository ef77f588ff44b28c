"""The daemon's end of the process that judges replies: started when it is needed, killed when it takes too long."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import sys
from datetime import datetime
from typing import Any, NamedTuple

from bridge.card import channel
from bridge.card.process.child_environment import NO_CONSOLE, inherited
from bridge.errors import TimestampInvalid, from_wire
from bridge.timestamps.query import Query

_JUDGE = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.timestamps.worker")
SECONDS = 20.0
"""For one reply, the start of Python included."""
IDLE_SECONDS = 30.0
_PIECE = 1 << 16


class Token(NamedTuple):
    """A time-stamp that holds. `token`: DER. `time`: aware. `authority`: its subject (RFC 4514)."""

    token: bytes
    time: datetime
    authority: str
    serial: str


class Bench:
    """One reply at a time. Used on the event loop."""

    def __init__(self, trust: str) -> None:
        """`trust`: file or folder of the authority's anchors."""
        self._trust = trust
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._frames = channel.FrameBuffer()
        self._idle: asyncio.TimerHandle | None = None

    async def judged(self, reply: bytes, query: Query) -> Token:
        """Raises TimestampRefused, TimestampInvalid, TimestampUntrusted, TimestampClock."""
        question = {"reply": base64.b64encode(reply).decode(), "query": query.wire(), "trust": self._trust}
        async with self._turn:
            match await self._answered(question):
                case {"stamp": {"token": str(token), "time": str(time), "authority": str(name), "serial": str(serial)}}:
                    return Token(base64.b64decode(token), datetime.fromisoformat(time), name, serial)
                case {"error": dict(error)}:
                    raise from_wire(error)
        raise TimestampInvalid("the judge said something else")

    async def close(self) -> None:
        async with self._turn:
            await self._end()

    async def _answered(self, question: channel.Frame) -> channel.Frame:
        if self._idle is not None:
            self._idle.cancel()
        try:
            async with asyncio.timeout(SECONDS):
                process = await self._started()
                return await self._asked(process, channel.encode(question))
        except (TimeoutError, OSError, channel.ChannelBroken) as error:
            await self._end()
            raise TimestampInvalid("the judge gave no answer") from error
        except asyncio.CancelledError:
            await self._end()  # its answer would be taken for the next one's
            raise
        finally:
            if self._process is not None:
                self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._let_go)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._frames = channel.FrameBuffer()
            pipes: dict[str, Any] = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
            self._process = await asyncio.create_subprocess_exec(
                *_JUDGE, **pipes, stderr=asyncio.subprocess.DEVNULL, env=inherited(), creationflags=NO_CONSOLE
            )
        return self._process

    async def _asked(self, process: asyncio.subprocess.Process, question: bytes) -> channel.Frame:
        if process.stdin is None or process.stdout is None:
            raise channel.ChannelBroken("no pipes")
        process.stdin.write(question)
        await process.stdin.drain()
        while piece := await process.stdout.read(_PIECE):
            for frame in self._frames.feed(piece):
                return frame
        raise channel.ChannelBroken("it ended")

    def _let_go(self) -> None:
        """Its stdin ends, and so does it."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process = None

    async def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
