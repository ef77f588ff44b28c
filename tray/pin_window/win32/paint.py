"""Colours: the system's, boxes in those of `moods`; with high contrast the system's alone."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from collections.abc import Iterable
from ctypes import wintypes
from functools import cache

from tray.pin_window.moods import Mood, Tone
from tray.pin_window.win32 import api
from tray.pin_window.win32.layout import Item, Rect

_SPI_GETHIGHCONTRAST, _HCF_HIGHCONTRASTON = 0x42, 1
_COLOR_WINDOW, _COLOR_WINDOWTEXT, _COLOR_GRAYTEXT, _COLOR_FACE = 5, 8, 17, 15
_WITH_LABELS = 0x85
"""RDW_INVALIDATE, RDW_ERASE, RDW_ALLCHILDREN."""
_MUTED = 0.28
"""Share of the ground in secondary text: still 4.5:1 against the window."""


class Paint:
    def __init__(self) -> None:
        self._plain = _high_contrast()

    def label(self, context: int, item: Item, mood: Mood | None) -> int:
        """Set a label's colours; returns the brush of its ground."""
        tone = self._tone(mood)
        if tone is None:
            text, ground = api.system_colour(_COLOR_WINDOWTEXT), api.system_colour(_COLOR_WINDOW)
            text = _mixed(text, ground, _MUTED) if item.muted and not self._plain else text
        else:
            text, ground = _colour(tone.text), _colour(tone.ground)
        api.set_text_colour(context, text)
        api.set_ground_colour(context, ground)
        return _brush(ground)

    def ground(self, context: int, window: int, footer: int, panels: Iterable[tuple[Rect, Mood | None]]) -> None:
        """Everything behind the controls."""
        whole = wintypes.RECT()
        api.client_rect(window, ctypes.byref(whole))
        api.fill(context, ctypes.byref(whole), api.system_brush(_COLOR_WINDOW))
        for place, mood in panels:
            tone = self._tone(mood)
            edge = api.system_colour(_COLOR_GRAYTEXT) if tone is None else _colour(tone.edge)
            ground = api.system_colour(_COLOR_WINDOW) if tone is None else _colour(tone.ground)
            if mood is not None:
                _fill(context, place, edge)
                _fill(context, _inner(place), ground)
        _fill(context, Rect(0, footer, whole.right, 1), api.system_colour(_COLOR_FACE))

    def again(self, window: int, place: Rect) -> None:
        """A part whose colour has changed, with the labels in it."""
        rect = wintypes.RECT(place.x, place.y, place.right, place.bottom)
        api.redraw(window, ctypes.byref(rect), None, _WITH_LABELS)

    def _tone(self, mood: Mood | None) -> Tone | None:
        if mood is None or self._plain:
            return None
        light, dark = mood.value
        return Tone(*(dark if _is_dark(api.system_colour(_COLOR_WINDOW)) else light))


def _is_dark(colour: int) -> bool:
    """As `look.is_dark` of the other systems: by what HSL calls lightness."""
    parts = colour.to_bytes(3, "little")
    return max(parts) + min(parts) < 256


def _high_contrast() -> bool:
    found = api.HighContrast(size=ctypes.sizeof(api.HighContrast))
    asked = api.system_parameter(_SPI_GETHIGHCONTRAST, found.size, ctypes.byref(found), 0)
    return bool(asked and found.flags & _HCF_HIGHCONTRASTON)


def _fill(context: int, place: Rect, colour: int) -> None:
    rect = wintypes.RECT(place.x, place.y, place.right, place.bottom)
    api.fill(context, ctypes.byref(rect), _brush(colour))


def _inner(place: Rect) -> Rect:
    return Rect(place.x + 1, place.y + 1, place.width - 2, place.height - 2)


@cache
def _brush(colour: int) -> int:
    """Kept for the life of the process: there are a dozen."""
    return int(api.create_brush(colour))


def _colour(text: str) -> int:
    """#rrggbb → COLORREF 0x00bbggrr."""
    return int.from_bytes(bytes.fromhex(text[1:]), "little")


def _mixed(colour: int, other: int, share: float) -> int:
    pairs = zip(colour.to_bytes(3, "little"), other.to_bytes(3, "little"), strict=True)
    return int.from_bytes((round(mine * (1 - share) + theirs * share) for mine, theirs in pairs), "little")
