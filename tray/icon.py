"""The tray icon. It runs in the main thread; whatever it sets off is handed over to the thread that does the work."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tray import gtk, menu, picture
from tray.menu import Actions, Item, Status

HandOver = Callable[[Callable[[], None]], object]
"""Takes a callable to another thread, as `loop.call_soon_threadsafe` does; must not wait."""


class Tray(Protocol):
    """What stands in the main thread while the bridge works."""

    def run(self) -> None:
        """Show the icon; returns after `stop`."""
        ...

    def update(self, status: Status) -> None:
        """Show another status. From any thread."""
        ...

    def stop(self) -> None:
        """From any thread."""
        ...


def open_tray(status: Status, actions: Actions, language: str, hand_over: HandOver, say: Callable[[str], None]) -> Tray:
    """The icon, or where the desktop shows none a stand-in that only waits; then `say` is told why, once."""
    try:
        return PystrayIcon(_load_pystray(), status, actions, language, hand_over)
    except ImportError:
        return NoTray(actions, hand_over, lambda: say(menu.no_host(language)))


class NoTray:
    """No icon: the main thread waits, and Ctrl+C or SIGTERM quits as the menu would."""

    def __init__(self, actions: Actions, hand_over: HandOver, say_so: Callable[[], None]) -> None:
        self._actions, self._hand_over, self._say_so = actions, hand_over, say_so
        self._stopped = threading.Event()

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._hand_over(self._actions.quit))
        self._say_so()
        # In steps: on Windows a wait without end would not see Ctrl+C.
        while not self._stopped.wait(1):
            pass

    def update(self, status: Status) -> None:
        """Nothing shows it."""

    def stop(self) -> None:
        self._stopped.set()


class PystrayIcon:
    """pystray's icon drawn from one Status at a time."""

    def __init__(self, pystray: Any, status: Status, actions: Actions, language: str, hand_over: HandOver) -> None:
        self._pystray, self._status, self._actions = pystray, status, actions
        self._language, self._hand_over = language, hand_over
        self._changing = threading.Lock()
        picture_now, title = picture.draw(status.state), self._title()
        self._icon = pystray.Icon("card-bridge", picture_now, title, pystray.Menu(self._items))

    def run(self) -> None:
        with _quiet_end():
            if sys.platform == "linux":
                self._quit_on_signals()
            self._icon.run()

    def update(self, status: Status) -> None:
        with self._changing:
            before, self._status = self._status, status
            if status.state is not before.state:
                self._icon.icon = picture.draw(status.state)
            if status != before:
                self._icon.title = self._title()
                self._icon.update_menu()

    def stop(self) -> None:
        self._icon.stop()

    def _title(self) -> str:
        return f"{menu.name(self._language)} – {menu.sentence(self._status, self._language)}"

    def _items(self) -> Iterator[Any]:
        for item in menu.items(self._status, self._actions, self._language):
            yield self._pystray.Menu.SEPARATOR if item is None else self._item(item)

    def _item(self, item: Item) -> Any:
        if item.inside:
            return self._pystray.MenuItem(item.text, self._pystray.Menu(*map(self._item, item.inside)))
        action = item.action

        def chosen() -> None:
            if action is not None:
                self._hand_over(action)

        return self._pystray.MenuItem(item.text, chosen, default=item.default, enabled=action is not None)

    def _quit_on_signals(self) -> None:
        """GLib's loop runs no Python signal handler, and pystray resets SIGINT when it starts: so once it runs."""
        glib = importlib.import_module("gi.repository.GLib")

        def quit_bridge() -> bool:
            self._hand_over(self._actions.quit)
            return True

        def install() -> bool:
            for number in (signal.SIGINT, signal.SIGTERM):
                glib.unix_signal_add(glib.PRIORITY_HIGH, number, quit_bridge)
            return False

        glib.idle_add(install)


def _load_pystray() -> Any:
    """pystray with a backend that has menus and takes Japanese: never its X11 one. Raises ImportError."""
    if sys.platform == "linux":
        gtk.load_gi()
        found = gtk.backend()
        if found is None:
            raise ImportError("this desktop shows no icons")
        os.environ["PYSTRAY_BACKEND"] = found  # read by pystray on import, its only way to be told
    return importlib.import_module("pystray")


@contextlib.contextmanager
def _quiet_end() -> Iterator[None]:
    """pystray withdraws its notifications at the end, which fails on a desktop without a notification service."""
    if sys.platform != "linux":
        yield
        return
    glib = importlib.import_module("gi.repository.GLib")
    with contextlib.suppress(glib.Error):
        yield
