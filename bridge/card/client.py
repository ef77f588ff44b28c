"""The daemon's end of the card host: async calls, deadlines, kill and restart.

The host starts on first use and stops when idle. A vendor library that crashes or hangs costs one request: the host is
killed at its deadline, which counts card time only, and the next request starts a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bridge.card import channel
from bridge.card.child_environment import inherited
from bridge.card.freed_memory import ENVIRONMENT
from bridge.errors import Busy, ModuleFailed, ModuleTimeout, from_wire

OnEvent = Callable[[dict[str, Any]], None]


class _NeverTaken(Exception):
    """The host ended before it read the request: another host can be asked the same."""


_GRACE_SECONDS = 6.0
"""How long a host may take to end its logins on the card when it is told to stop."""


class _Call:
    """One request under way, and its deadline in card time."""

    def __init__(self, answer: asyncio.Future[dict[str, Any]], limit: asyncio.Timeout) -> None:
        self.answer = answer
        self._limit = limit
        self._left: float | None = None
        self.taken = False
        """The host has read the request."""

    @property
    def waits_for_person(self) -> bool:
        return self._left is not None

    def person(self, waiting: bool) -> None:
        """A window opened or closed: the clock stops while a person reads."""
        now = asyncio.get_running_loop().time()
        when = self._limit.when()
        if waiting and when is not None:
            self._left = when - now
            self._limit.reschedule(None)
        elif not waiting and self._left is not None:
            self._limit.reschedule(now + self._left)
            self._left = None


class _Process:
    """A running host and the task that reads its pipe."""

    def __init__(self, process: asyncio.subprocess.Process, on_event: OnEvent) -> None:
        self._process = process
        self._on_event = on_event
        self.calls: dict[int, _Call] = {}
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
            for call in self.calls.values():
                if not call.answer.done():
                    call.answer.set_exception(ModuleFailed("the card host ended") if call.taken else _NeverTaken())

    def _take(self, frame: channel.Frame) -> None:
        match frame:
            case {"event": "taken", "id": int(number)}:
                if call := self.calls.get(number):
                    call.taken = True
            case {"event": "person", "id": int(number), "waiting": bool(waiting)}:
                if call := self.calls.get(number):
                    call.person(waiting)
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


class HostClient:
    """Async calls to the card host. One instance per daemon; the fingerprint key lives here, in memory only."""

    def __init__(self, config: Path | None, deadline: float, idle_seconds: float, on_event: OnEvent) -> None:
        self._config = config
        self._deadline = deadline
        self._idle_seconds = idle_seconds
        self._on_event = on_event
        self._fingerprint_key = secrets.token_hex(32)
        self._numbers = itertools.count(1)
        self._turn = asyncio.Lock()
        self._host: _Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, str] = {}
        """Living PIN sessions: handle → origin."""

    @property
    def running(self) -> bool:
        return self._host is not None and self._host.alive

    @property
    def pin_sessions(self) -> dict[str, str]:
        """Living PIN sessions: handle → origin."""
        return dict(self._sessions)

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """One request. Raises Busy while a window is open, ModuleTimeout, ModuleFailed, and the host's own failures."""
        if self._host is not None and any(call.waits_for_person for call in self._host.calls.values()):
            raise Busy("a window is open")
        async with self._turn:
            try:
                return await self._asked(method, params)
            finally:
                self._rest()

    async def _asked(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._ask(await self._started(), method, params)
        except _NeverTaken:
            # It died between two requests, and the operating system has not told us yet.
            await self._kill_current()
        try:
            return await self._ask(await self._started(), method, params)
        except _NeverTaken:
            raise ModuleFailed("the card host does not start") from None

    async def notify(self, method: str) -> None:
        """Tell a running host something that needs no answer; a host that is not running has nothing to do."""
        if self.running and self._host is not None:
            self._host.send({"id": next(self._numbers), "method": method, "params": {}})

    async def close(self) -> None:
        """End the host and with it every login."""
        if self._idle is not None:
            self._idle.cancel()
        host, self._host = self._host, None
        if host is not None:
            await host.stop()
        await asyncio.gather(*self._ending)

    async def _ask(self, host: _Process, method: str, params: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        try:
            async with asyncio.timeout(self._deadline) as limit:
                call = host.calls[number] = _Call(asyncio.get_running_loop().create_future(), limit)
                host.send({"id": number, "method": method, "params": params})
                return self._noted(await call.answer, params)
        except TimeoutError:
            await self._kill(host)
            raise ModuleTimeout(f"{method} took more than {self._deadline:g} s of card time") from None
        except asyncio.CancelledError:
            host.send({"cancel": number})
            raise
        finally:
            host.calls.pop(number, None)

    def _noted(self, result: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        if "pinSession" in result:
            self._sessions[result["pinSession"]] = params["origin"]
        return result

    async def _started(self) -> _Process:
        if self._idle is not None:
            self._idle.cancel()
        if self._host is None or not self._host.alive:
            await self._kill_current()
            self._host = await self._spawn()
            self._host.send({"hello": {"fingerprintKey": self._fingerprint_key}})
        return self._host

    async def _spawn(self) -> _Process:
        config = ["--config", str(self._config)] if self._config else []
        command = [sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.card.host", *config]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # What a vendor library prints may hold anything, a PIN included: it goes nowhere.
            stderr=asyncio.subprocess.DEVNULL,
            limit=channel.MAX_FRAME + 4,
            env=inherited() | ENVIRONMENT,
        )
        return _Process(process, self._take_event)

    def _take_event(self, event: dict[str, Any]) -> None:
        if event["event"] == "pinSessionEnded":
            self._sessions.pop(event["pinSession"], None)
            self._rest()
        self._on_event(event)

    async def _kill_current(self) -> None:
        if self._host is not None:
            await self._kill(self._host)

    async def _kill(self, host: _Process) -> None:
        await host.kill()
        self._host = None if self._host is host else self._host
        for handle, origin in list(self._sessions.items()):
            self._take_event({"event": "pinSessionEnded", "pinSession": handle, "origin": origin, "reason": "failed"})

    def _rest(self) -> None:
        """After a request: without a PIN session the host goes when nobody asks for a while."""
        if self._idle is not None:
            self._idle.cancel()
        if not self._sessions:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._stop_idle)

    def _stop_idle(self) -> None:
        host = self._host
        if host is not None and not host.calls and not self._sessions:
            self._host = None
            self._in_background(host.stop())

    def _in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
