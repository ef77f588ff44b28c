"""GTK for the icon on Linux: where PyGObject comes from, and whether the desktop shows icons at all.

This is the one place that looks outside the installed packages: a distribution's python3-gi fits only its own Python
version, and a virtual environment does not see it.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

_DISTRIBUTION = Path("/usr/lib/python3/dist-packages")
_WATCHER = "org.kde.StatusNotifierWatcher"


def load_gi() -> Any:
    """PyGObject's `gi`; from the distribution if it was built for this very Python. Raises ImportError."""
    try:
        return importlib.import_module("gi")
    except ImportError:
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        if not (_DISTRIBUTION / "gi" / f"_gi{suffix}").is_file():
            raise
    # For this one import: nothing else of the distribution's packages becomes importable.
    sys.path.append(str(_DISTRIBUTION))
    try:
        return importlib.import_module("gi")
    finally:
        sys.path.remove(str(_DISTRIBUTION))


def backend() -> str | None:
    """pystray's backend for this desktop, or None if it shows no icons (now)."""
    if _status_notifier_watcher():
        return "appindicator"
    return "gtk" if _system_tray() else None


def _status_notifier_watcher() -> bool:
    """freedesktop StatusNotifierItem: a desktop that shows such icons owns this name on the session bus."""
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:  # asking would start a bus of our own
        return False
    gi = load_gi()
    gio = importlib.import_module("gi.repository.Gio")
    glib = importlib.import_module("gi.repository.GLib")
    try:
        gi.require_version("AyatanaAppIndicator3", "0.1")
        bus = gio.bus_get_sync(gio.BusType.SESSION, None)
        question = glib.Variant("(s)", (_WATCHER,))
        place = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner")
        answer = bus.call_sync(*place, question, None, gio.DBusCallFlags.NONE, 1000, None)
    except (ValueError, glib.Error):  # no indicator library, or a bus that does not answer
        return False
    return bool(answer.unpack()[0])


def _system_tray() -> bool:
    """freedesktop System Tray Protocol: a tray owns the selection _NET_SYSTEM_TRAY_S0."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = x11.XGetSelectionOwner.restype = ctypes.c_ulong
    screen = x11.XOpenDisplay(None)
    if not screen:
        return False
    handle = ctypes.c_void_p(screen)
    atom = x11.XInternAtom(handle, b"_NET_SYSTEM_TRAY_S0", 0)
    owner = x11.XGetSelectionOwner(handle, ctypes.c_ulong(atom))
    x11.XCloseDisplay(handle)
    return bool(owner)
