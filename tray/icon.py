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
from tray.endings import endings
from tray.menu import Actions, Item, Status

HandOver = Callable[[Callable[[], None]], object]
"""Takes a callable to another thread, as `loop.call_soon_threadsafe` does; must not wait."""


_NOTICE_TITLE, _NOTICE_TEXT = 63, 255
"""Characters that Windows has room for (NOTIFYICONDATAW, szInfoTitle and szInfo)."""


class Tray(Protocol):
    """What stands in the main thread while the bridge works."""

    def run(self) -> None:
        """Show the icon; returns after `stop`."""
        ...

    @property
    def shows(self) -> bool:
        """Whether there is an icon."""
        ...

    def update(self, status: Status) -> None:
        """Show another status. From any thread."""
        ...

    def notify(self, title: str, text: str) -> None:
        """By the icon, where desktops have no other way. From any thread."""
        ...

    def stop(self) -> None:
        """From any thread."""
        ...


def open_tray(status: Status, actions: Actions, hand_over: HandOver, no_icon: Callable[[], None]) -> Tray:
    """The icon, or where the desktop shows none a stand-in that only waits; then `no_icon` is called as it runs."""
    try:
        return PystrayIcon(_load_pystray(), status, actions, hand_over)
    except ImportError:
        return NoTray(actions, hand_over, no_icon)


class NoTray:
    """No icon: the main thread waits, and Ctrl+C, SIGTERM or SIGHUP quits as the menu would."""

    shows = False

    def __init__(self, actions: Actions, hand_over: HandOver, no_icon: Callable[[], None]) -> None:
        self._actions, self._hand_over, self._no_icon = actions, hand_over, no_icon
        self._stopped = threading.Event()

    def run(self) -> None:
        for number in endings():
            signal.signal(number, lambda *_: self._hand_over(self._actions.quit))
        self._no_icon()
        # In steps: on Windows a wait without end would not see Ctrl+C.
        while not self._stopped.wait(1):
            pass

    def update(self, status: Status) -> None:
        """Nothing shows it."""

    def notify(self, title: str, text: str) -> None:
        """Nothing shows it."""

    def stop(self) -> None:
        self._stopped.set()


class PystrayIcon:
    """pystray's icon drawn from one Status at a time."""

    shows = True

    def __init__(self, pystray: Any, status: Status, actions: Actions, hand_over: HandOver) -> None:
        self._pystray, self._status, self._actions, self._hand_over = pystray, status, actions, hand_over
        self._changing = threading.Lock()
        shown = picture.draw(status.state), menu.title(status)
        self._icon = pystray.Icon("card-bridge", *shown, pystray.Menu(self._items))

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
                self._icon.title = menu.title(status)
                self._icon.update_menu()

    def notify(self, title: str, text: str) -> None:
        self._icon.notify(text[:_NOTICE_TEXT], title[:_NOTICE_TITLE])

    def stop(self) -> None:
        self._icon.stop()

    def _items(self) -> Iterator[Any]:
        return map(self._item, menu.items(self._status, self._actions))

    def _item(self, item: Item | None) -> Any:
        if item is None:
            return self._pystray.Menu.SEPARATOR
        if item.inside:
            return self._pystray.MenuItem(_plain(item.text), self._pystray.Menu(*map(self._item, item.inside)))
        action, enabled = item.action, item.line or item.action is not None
        checked = None if item.checked is None else lambda _item: bool(item.checked)

        def chosen() -> None:
            if action is not None:
                self._hand_over(action)

        look = {"checked": checked, "radio": item.radio, "default": item.default, "enabled": enabled}
        return self._pystray.MenuItem(_plain(item.text), chosen, **look)

    def _quit_on_signals(self) -> None:
        """GLib's loop runs no Python signal handler, and pystray resets SIGINT when it starts: so once it runs."""
        glib = importlib.import_module("gi.repository.GLib")

        def quit_bridge() -> bool:
            self._hand_over(self._actions.quit)
            return True

        def install() -> bool:
            for number in endings():
                glib.unix_signal_add(glib.PRIORITY_HIGH, number, quit_bridge)
            return False

        glib.idle_add(install)


def _plain(text: str) -> str:
    """Windows takes & for the mark of a key (MENUITEMINFO, dwTypeData); GTK's labels here know no marks."""
    return text.replace("&", "&&") if sys.platform == "win32" else text


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
