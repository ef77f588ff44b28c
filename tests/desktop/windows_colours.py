"""Run on Windows: the colours of the PIN window's labels, on a light and on a dark ground, as JSON: text and ground."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import json
from ctypes import wintypes

from tray.pin_window.moods import Mood
from tray.pin_window.win32.layout import Item, Key, Rect
from tray.pin_window.win32.paint import Paint

_WINDOW, _WINDOW_TEXT = 5, 8
"""COLOR_WINDOW, COLOR_WINDOWTEXT."""
_WHITE, _BLACK = 0xFFFFFF, 0x000000
_MUTED = Item(next(iter(Key)), "", Rect(0, 0, 0, 0), muted=True)
"""Secondary text, the least to stand out."""
_user, _gdi = ctypes.WinDLL("user32"), ctypes.WinDLL("gdi32")
_gdi.CreateCompatibleDC.restype = wintypes.HDC
for _read in (_gdi.GetTextColor, _gdi.GetBkColor):
    _read.argtypes, _read.restype = (wintypes.HDC,), wintypes.DWORD


def main() -> None:
    context = _gdi.CreateCompatibleDC(None)
    seen = {}
    for name, ground, text in (("light", _WHITE, _BLACK), ("dark", _BLACK, _WHITE)):
        _choose(ground, text)
        for mood in (None, *Mood):
            seen[f"{name} {mood and mood.name}"] = _label(context, mood)
    _choose(_WHITE, _BLACK)
    print(json.dumps(seen))


def _choose(ground: int, text: int) -> None:
    """As a person's colours in the control panel, until the session ends."""
    two = wintypes.DWORD * 2
    _user.SetSysColors(2, (ctypes.c_int * 2)(_WINDOW, _WINDOW_TEXT), two(ground, text))


def _label(context: int, mood: Mood | None) -> list[list[int]]:
    Paint().label(context, _MUTED, mood)
    return [list(colour(context).to_bytes(4, "little")[:3]) for colour in (_gdi.GetTextColor, _gdi.GetBkColor)]


if __name__ == "__main__":
    main()
