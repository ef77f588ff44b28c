"""The bridge with its icon: the icon in the main thread, the daemon's event loop in a second one."""

from __future__ import annotations

import asyncio
import sys
import threading
import webbrowser
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from bridge.audit.chain import Line
from bridge.doors.listener import NoPort
from tray import complaint
from tray.daemon import Daemon
from tray.icon import Tray, open_tray
from tray.menu import Actions, Signature, State, Status
from tray.stop import told

_GRANTS_SECONDS = 2.0


def run(daemon: Daemon, language: str) -> int:
    """Run until the menu, a signal or the end of the daemon; returns the exit status."""
    return _Front(daemon, language).run()


def status(daemon: Daemon) -> Status:
    """The one picture that the icon shows, and what its menu offers."""
    return _picture(daemon)._replace(granted=daemon.granted, signed=tuple(map(_shown, daemon.signed)))


def _shown(line: Line) -> Signature:
    action = line.facts.get("action") or line.event
    return Signature(datetime.fromisoformat(line.at).astimezone(), str(line.facts["origin"]), str(action))


def _picture(daemon: Daemon) -> Status:
    if origins := daemon.unlocked_for:
        return Status(State.UNLOCKED, origins[0])
    if not daemon.readers:
        return Status(State.NO_READER)
    if any(state.card_present for state in daemon.readers):
        return Status(State.READY)
    return Status(State.NO_CARD)


class _Front:
    def __init__(self, daemon: Daemon, language: str) -> None:
        self._daemon = daemon
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._exit_status = 0
        actions = Actions(self._open_status, self._forget, self._revoke, self._quit)
        self._tray: Tray = open_tray(Status(State.NO_READER), actions, language, self._hand_over, _say)
        self._stopping: asyncio.Event | None = None
        self._working: set[asyncio.Task[None]] = set()

    def run(self) -> int:
        worker = threading.Thread(target=self._work, name="daemon")
        worker.start()
        self._started.wait()
        if self._exit_status == 0:
            self._tray.run()
            self._hand_over(self._quit)
        worker.join()
        return self._exit_status

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        told.listen(lambda: self._hand_over(self._quit))
        self._daemon.on_end = self._quit
        try:
            await self._daemon.start()
        except NoPort as error:
            self._exit_status = 3
            await self._daemon.close()
            complaint.no_port(error, self._daemon.settings)
            self._started.set()
            return
        self._daemon.on_change = lambda: self._tray.update(status(self._daemon))
        self._daemon.on_change()
        print(f"card-bridge ready https://localhost:{self._daemon.port}/", flush=True)
        self._started.set()
        following = asyncio.create_task(self._follow_grants())
        self._do(self._daemon.look_back())
        await self._stopping.wait()
        following.cancel()
        self._daemon.on_change = lambda: None
        await self._daemon.close()
        self._tray.stop()

    async def _follow_grants(self) -> None:
        """A terminal changes the list without telling us."""
        shown = self._daemon.granted
        while True:
            await asyncio.sleep(_GRANTS_SECONDS)
            if (now := self._daemon.granted) != shown:
                shown = now
                self._daemon.on_change()

    def _hand_over(self, work: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _open_status(self) -> None:
        webbrowser.open(f"https://localhost:{self._daemon.port}/")

    def _forget(self) -> None:
        self._do(self._daemon.forget())

    def _revoke(self, origin: str) -> None:
        self._do(self._daemon.revoke(origin))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def _quit(self) -> None:
        if self._stopping is not None:
            self._stopping.set()


def _say(text: str) -> None:
    print(f"card-bridge: {text}", file=sys.stderr)
