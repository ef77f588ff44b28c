"""One running card host as the daemon holds it: its pipes, and the requests under way with their deadlines."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from bridge.card import channel
from bridge.card.asking.turn import Turn
from bridge.errors import ModuleFailed, from_wire

OnEvent = Callable[[dict[str, Any]], None]
OnEnd = Callable[["HostProcess"], None]


class NeverTaken(Exception):
    """The host ended before it read the request: another host can be asked the same."""


_ANSWERS = 1
_GRACE_SECONDS = 6.0
"""How long a host may take to end its logins on the card when it is told to stop."""


class Call:
    """One request under way, and its deadline in card time."""

    def __init__(
        self,
        answer: asyncio.Future[dict[str, Any]],
        limit: asyncio.Timeout,
        pad_seconds: float,
        progress: Callable[[int, int], None],
    ) -> None:
        self.answer = answer
        self._limit = limit
        self._seconds = (limit.when() or 0) - asyncio.get_running_loop().time()
        self._pad_seconds = pad_seconds
        self._progress = progress
        self._left: float | None = None
        self.at_pad = False
        """The person types on the reader, and the card's thread waits in the library."""
        self.taken = False
        """The host has read the request."""

    @property
    def waits_for_person(self) -> bool:
        return self._left is not None

    def progressed(self, done: int, total: int) -> None:
        """Each document has the whole time of a request."""
        if self._left is None:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._seconds)
        self._progress(done, total)

    def pass_turn(self, turn: Turn) -> None:
        """The clock stops while a person reads; one who types on the reader is given more than the reader gives."""
        now, when = asyncio.get_running_loop().time(), self._limit.when()
        if self._left is None and when is not None:
            self._left = when - now
        self.at_pad = turn is Turn.PAD
        match turn:
            case Turn.PERSON:
                self._limit.reschedule(None)
            case Turn.PAD:
                self._limit.reschedule(now + self._pad_seconds)
            case Turn.CARD if self._left is not None:
                self._limit.reschedule(now + self._left)
                self._left = None


class HostProcess(asyncio.SubprocessProtocol):
    """A running host. Frames are taken as the loop reads them: a task between would cost each signature two turns."""

    def __init__(self, on_event: OnEvent, on_end: OnEnd) -> None:
        self._on_event = on_event
        self._on_end = on_end
        self._frames = channel.FrameBuffer()
        self._transport: asyncio.SubprocessTransport | None = None
        self._exited, self._ended = asyncio.Event(), asyncio.Event()
        self.calls: dict[int, Call] = {}
        self.died_at_work = False
        """It ended in the middle of a request: a card may be left unlocked."""

    @property
    def alive(self) -> bool:
        return not self._exited.is_set() and not self._ended.is_set()

    def send(self, frame: channel.Frame) -> None:
        if (requests := self._requests()) is not None and not requests.is_closing():
            requests.write(channel.encode(frame))

    async def kill(self) -> None:
        if self._transport is not None:
            with contextlib.suppress(ProcessLookupError):
                self._transport.kill()
        await self._gone()

    async def stop(self) -> None:
        """Close the pipe; the host ends its logins and goes. Killed when it does not."""
        if (requests := self._requests()) is not None:
            requests.close()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._gone()
        except TimeoutError:
            await self.kill()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.SubprocessTransport):
            self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self._ended.is_set():
            return
        try:
            for frame in self._frames.feed(data):
                self._take(frame)
        except channel.ChannelBroken:
            self._end()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == _ANSWERS:
            self._end()

    def process_exited(self) -> None:
        self._exited.set()
        self._let_go()

    def _requests(self) -> asyncio.WriteTransport | None:
        pipe = self._transport.get_pipe_transport(0) if self._transport is not None else None
        return pipe if isinstance(pipe, asyncio.WriteTransport) else None

    async def _gone(self) -> None:
        await self._exited.wait()
        await self._ended.wait()

    def _end(self) -> None:
        if self._ended.is_set():
            return
        self._ended.set()
        self.died_at_work = any(call.taken for call in self.calls.values())
        for call in self.calls.values():
            if not call.answer.done():
                call.answer.set_exception(ModuleFailed("the card host ended") if call.taken else NeverTaken())
        self._on_end(self)
        self._let_go()

    def _let_go(self) -> None:
        if self._transport is not None and self._exited.is_set() and self._ended.is_set():
            self._transport.close()

    def _take(self, frame: channel.Frame) -> None:
        match frame:
            case {"event": "taken", "id": int(number)}:
                if call := self.calls.get(number):
                    call.taken = True
            case {"event": "turn", "id": int(number), "turn": str(turn)}:
                if call := self.calls.get(number):
                    call.pass_turn(Turn(turn))
            case {"event": "progress", "id": int(number), "done": int(done), "total": int(total)}:
                if call := self.calls.get(number):
                    call.progressed(done, total)
            case {"event": str()}:
                self._on_event(frame)
            case {"id": int(number), **reply}:
                if (call := self.calls.get(number)) and not call.answer.done():
                    _settle(call.answer, reply)


def _settle(answer: asyncio.Future[dict[str, Any]], reply: dict[str, Any]) -> None:
    match reply:
        case {"result": dict(result)}:
            answer.set_result(result)
        case {"error": dict(error)}:
            answer.set_exception(from_wire(error))
        case _:
            answer.set_exception(ModuleFailed("the card host's reply is not one of ours"))
