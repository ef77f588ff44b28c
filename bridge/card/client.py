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
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from bridge.card.process.child_environment import NO_CONSOLE, inherited
from bridge.card.process.freed_memory import ENVIRONMENT
from bridge.card.process.host_process import Call, HostProcess, NeverTaken, OnEvent
from bridge.errors import Busy, ModuleFailed, ModuleTimeout

Progress = Callable[[int, int], None]
"""Told how many of how many signatures are made."""
OWN_HOST = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.card.host")
_PAD_SECONDS = 270.0
"""Longer than any reader waits for its keys: CCID 1.1 §6.1.11 gives it one byte of seconds (bTimeOut)."""


def _unheard(done: int, total: int) -> None:
    """A request that signs no documents."""


class HostClient:
    """Async calls to the card host. One instance per daemon; the fingerprint key lives here, in memory only."""

    def __init__(
        self,
        config: Path | None,
        deadline: float,
        idle_seconds: float,
        on_event: OnEvent,
        pad_seconds: float = _PAD_SECONDS,
        command: Sequence[str] = (),
    ) -> None:
        """`command`: program and arguments of another card host than our own (setting `card.host`)."""
        self._command = tuple(command) or OWN_HOST
        self._config = config
        self._deadline = deadline
        self._pad_seconds = max(pad_seconds, deadline)
        self._idle_seconds = idle_seconds
        self._on_event = on_event
        self._fingerprint_key = secrets.token_hex(32)
        self._numbers = itertools.count(1)
        self._turn = asyncio.Lock()
        self._host: HostProcess | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._closing = False
        self._stale = False
        self._sessions: dict[str, str] = {}
        """Living PIN sessions: handle → origin."""

    @property
    def running(self) -> bool:
        return self._host is not None and self._host.alive

    @property
    def pin_sessions(self) -> dict[str, str]:
        """Living PIN sessions: handle → origin."""
        return dict(self._sessions)

    async def call(self, method: str, params: dict[str, Any], progress: Progress = _unheard) -> dict[str, Any]:
        """One request. Raises Busy while a window is open, ModuleTimeout, ModuleFailed, and the host's own failures."""
        if self._host is not None and any(call.waits_for_person for call in self._host.calls.values()):
            return await self._beside_window(self._host, method, params)
        async with self._turn:
            try:
                return await self._asked(method, params, progress)
            finally:
                self._rest()

    async def _beside_window(self, host: HostProcess, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """A session can be closed while a person reads; one who types on the reader keeps the card's thread."""
        if method != "pin/close" or any(call.at_pad for call in host.calls.values()):
            raise Busy("a window is open")
        try:
            return await self._ask(host, method, params)
        except NeverTaken:
            raise ModuleFailed("the card host ended") from None

    async def _asked(self, method: str, params: dict[str, Any], progress: Progress) -> dict[str, Any]:
        try:
            return await self._ask(await self._started(), method, params, progress)
        except NeverTaken:
            # It died between two requests, and the operating system has not told us yet.
            await self._kill_current()
        try:
            return await self._ask(await self._started(), method, params, progress)
        except NeverTaken:
            raise ModuleFailed("the card host does not start") from None

    async def notify(self, method: str) -> None:
        """Tell a running host something that needs no answer; a host that is not running has nothing to do."""
        if self.running and self._host is not None:
            self._host.send({"id": next(self._numbers), "method": method, "params": {}})

    def renew(self) -> None:
        """Settings have changed: the next request without a PIN session meets a host that has read them."""
        self._stale = True

    async def close(self) -> None:
        """End the host and with it every login."""
        self._closing = True
        if self._idle is not None:
            self._idle.cancel()
        host, self._host = self._host, None
        if host is not None:
            await host.stop()
        await asyncio.gather(*self._ending)

    async def _ask(
        self, host: HostProcess, method: str, params: dict[str, Any], progress: Progress = _unheard
    ) -> dict[str, Any]:
        number = next(self._numbers)
        try:
            async with asyncio.timeout(self._deadline) as limit:
                answer = asyncio.get_running_loop().create_future()
                call = host.calls[number] = Call(answer, limit, self._pad_seconds, progress)
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
            # For the icon, whose menu can end it; pages are told by the reply.
            opened = {"origin": params["origin"], "pinSession": result["pinSession"], "expiresIn": result["expiresIn"]}
            self._on_event({"event": "pinSessionOpened", **opened})
        return result

    async def _started(self) -> HostProcess:
        if self._idle is not None:
            self._idle.cancel()
        if self._stale and not self._sessions:
            host, self._host = self._host, None
            if host is not None:
                await host.stop()
        if self._host is None or not self._host.alive:
            await self._kill_current()
            self._host, self._stale = await self._spawn(), False
            self._host.send({"hello": {"fingerprintKey": self._fingerprint_key}})
        return self._host

    async def _spawn(self) -> HostProcess:
        config = ["--config", str(self._config)] if self._config else []
        try:
            _, host = await asyncio.get_running_loop().subprocess_exec(
                lambda: HostProcess(self._take_event, self._take_end),
                *self._command,
                *config,
                # What a vendor library prints may hold anything, a PIN included: it goes nowhere.
                stderr=asyncio.subprocess.DEVNULL,
                env=inherited() | ENVIRONMENT,
                creationflags=NO_CONSOLE,
            )
        except OSError as error:
            raise ModuleFailed(f"the card host does not start: {error.strerror}") from error
        return host

    def _take_event(self, event: dict[str, Any]) -> None:
        if event["event"] == "pinSessionEnded":
            self._sessions.pop(event["pinSession"], None)
            self._rest()
        self._on_event(event)

    def _take_end(self, host: HostProcess) -> None:
        if self._host is host and not self._closing:
            self._in_background(self._bury(host))

    async def _bury(self, host: HostProcess) -> None:
        async with self._turn:
            if self._host is host:
                await self._kill(host)

    async def _kill_current(self) -> None:
        if self._host is not None:
            await self._kill(self._host)

    async def _kill(self, host: HostProcess) -> None:
        await host.kill()
        self._host = None if self._host is host else self._host
        if self._sessions or host.died_at_work:
            self._in_background(self._begin_again())
        for handle, origin in list(self._sessions.items()):
            self._take_event({"event": "pinSessionEnded", "pinSession": handle, "origin": origin, "reason": "failed"})

    async def _begin_again(self) -> None:
        """A killed host leaves its card unlocked: the next one resets it as it starts, not at the next request."""
        async with self._turn:
            if not self._closing:
                with contextlib.suppress(ModuleFailed):  # the next request says so
                    await self._started()
        self._rest()

    def _rest(self) -> None:
        """After a request: without a PIN session the host goes when nobody asks for a while."""
        if self._idle is not None:
            self._idle.cancel()
        if not self._sessions and not self._closing:
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
