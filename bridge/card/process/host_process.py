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


_GRACE_SECONDS = 6.0
"""How long a host may take to end its logins on the card when it is told to stop."""


class Call:
    """One request under way, and its deadline in card time."""

    def __init__(self, answer: asyncio.Future[dict[str, Any]], limit: asyncio.Timeout, pad_seconds: float) -> None:
        self.answer = answer
        self._limit = limit
        self._pad_seconds = pad_seconds
        self._left: float | None = None
        self.taken = False
        """The host has read the request."""

    @property
    def waits_for_person(self) -> bool:
        return self._left is not None

    def pass_turn(self, turn: Turn) -> None:
        """The clock stops while a person reads; one who types on the reader is given more than the reader gives."""
        now, when = asyncio.get_running_loop().time(), self._limit.when()
        if self._left is None and when is not None:
            self._left = when - now
        match turn:
            case Turn.PERSON:
                self._limit.reschedule(None)
            case Turn.PAD:
                self._limit.reschedule(now + self._pad_seconds)
            case Turn.CARD if self._left is not None:
                self._limit.reschedule(now + self._left)
                self._left = None


class HostProcess:
    """A running host and the task that reads its pipe."""

    def __init__(self, process: asyncio.subprocess.Process, on_event: OnEvent, on_end: OnEnd) -> None:
        self._process = process
        self._on_event = on_event
        self._on_end = on_end
        self.calls: dict[int, Call] = {}
        self.died_at_work = False
        """It ended in the middle of a request: a card may be left unlocked."""
        self._reading = asyncio.create_task(self._read(), name="card host pipe")

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self._reading.done()

    def send(self, frame: channel.Frame) -> None:
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(channel.encode(frame))

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def stop(self) -> None:
        """Close the pipe; the host ends its logins and goes. Killed when it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
        await self._reading

    async def _read(self) -> None:
        if self._process.stdout is None:
            return
        try:
            while True:
                self._take(await channel.read_frame(self._process.stdout))
        except channel.ChannelBroken:
            self.died_at_work = any(call.taken for call in self.calls.values())
            for call in self.calls.values():
                if not call.answer.done():
                    call.answer.set_exception(ModuleFailed("the card host ended") if call.taken else NeverTaken())
            self._on_end(self)

    def _take(self, frame: channel.Frame) -> None:
        match frame:
            case {"event": "taken", "id": int(number)}:
                if call := self.calls.get(number):
                    call.taken = True
            case {"event": "turn", "id": int(number), "turn": str(turn)}:
                if call := self.calls.get(number):
                    call.pass_turn(Turn(turn))
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
