"""Whether Caps Lock is on, asked from the system where it can be: X11."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

_USE_CORE_KEYBOARD = 0x100


def caps_lock_reader(platform: str) -> Callable[[], bool | None]:
    """A function that says whether Caps Lock is on; None: it cannot be known. `platform` is Qt's platform name."""
    reader = _x11_reader() if platform == "xcb" else None
    return reader or (lambda: None)


def _x11_reader() -> Callable[[], bool] | None:
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XkbGetIndicatorState.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.POINTER(ctypes.c_uint)]
    screen = x11.XOpenDisplay(None)
    if not screen:
        return None

    def read() -> bool:
        lamps = ctypes.c_uint()
        # XKB protocol §10.2: indicator 1 is Caps Lock in every keymap that X.Org ships.
        x11.XkbGetIndicatorState(screen, _USE_CORE_KEYBOARD, ctypes.byref(lamps))
        return bool(lamps.value & 1)

    return read
