"""The bridge with its icon: the icon in the main thread, the daemon's event loop in a second one."""

from __future__ import annotations

import asyncio
import sys
import threading
import webbrowser
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from bridge.doors.listener import NoPort
from tray import complaint, menu, opening, view
from tray.daemon import Daemon
from tray.first_run.opening import Opener
from tray.icon import Tray, open_tray
from tray.menu import Actions, Status
from tray.notices.memory import Memory
from tray.notices.teller import Teller
from tray.notices.texts import Notice
from tray.stop import told

_LOOK_SECONDS = 2.0
_LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"


def run(daemon: Daemon, setup: Opener) -> int:
    """Run until the menu, a signal or the end of the daemon; returns the exit status."""
    return _Front(daemon, setup).run()


class _Front:
    def __init__(self, daemon: Daemon, setup: Opener) -> None:
        self._daemon, self._setup = daemon, setup
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._exit_status = 0
        self._tray: Tray = open_tray(self._status(), self._actions(), self._hand_over, self._no_icon)
        self._teller = Teller(daemon, Memory(daemon.state_directory), self._show)
        self._stopping: asyncio.Event | None = None
        self._working: set[asyncio.Task[None]] = set()

    def _actions(self) -> Actions:
        return Actions(
            open_status=lambda: self._open(f"https://localhost:{self._daemon.port}/"),
            forget_pin_session=lambda: self._do(self._daemon.forget()),
            revoke=lambda origin: self._do(self._daemon.revoke(origin)),
            quit=self._quit,
            read_card=lambda: self._do(self._daemon.read_cards()),
            speak=self._daemon.preferences.speak,
            tell_cards=self._daemon.preferences.tell_cards,
            set_up=self._setup.open,
            open_log=lambda: self._do(opening.folder(self._daemon.log_directory)),
            open_licence=lambda: self._open(_LICENCE),
        )

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
        self._daemon.on_change = lambda: self._tray.update(self._status())
        self._daemon.on_change()
        self._daemon.on_moved = lambda events: self._do(self._teller.moved(events))
        if self._tray.shows:
            self._teller.icon()
        print(f"card-bridge ready https://localhost:{self._daemon.port}/", flush=True)
        self._started.set()
        following = asyncio.create_task(self._follow())
        self._do(self._daemon.signatures.look_back())
        await self._stopping.wait()
        following.cancel()
        self._daemon.on_change, self._daemon.on_moved = lambda: None, lambda _events: None
        await self._daemon.close()
        self._tray.stop()

    async def _follow(self) -> None:
        """A terminal changes the list of sites without telling us, and so do days and time."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._daemon.on_change()
            await self._teller.remind(view.today(datetime.now(UTC)))

    async def _show(self, notice: Notice) -> bool:
        return await _notify(self._tray, notice, menu.name(self._daemon.preferences.language))

    def _no_icon(self) -> None:
        """Called in the main thread."""
        self._hand_over(lambda: self._do(self._teller.no_icon(_say)))

    def _status(self) -> Status:
        return view.status(self._daemon, datetime.now(UTC))

    def _hand_over(self, work: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _open(self, address: str) -> None:
        webbrowser.open(address)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def _quit(self) -> None:
        if self._stopping is not None:
            self._stopping.set()


def _say(text: str) -> None:
    print(f"card-bridge: {text}", file=sys.stderr)


if sys.platform == "linux":

    async def _notify(_tray: Tray, notice: Notice, name: str) -> bool:
        from tray.notices import dbus  # loaded with the first one

        return await dbus.show(notice, name)

else:

    async def _notify(tray: Tray, notice: Notice, _name: str) -> bool:
        tray.notify(notice.title, notice.text)
        return tray.shows
