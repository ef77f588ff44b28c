"""The faces of the window at one resolution, and texts measured in them."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from ctypes import wintypes
from functools import cache

from tray.pin_window.win32 import api
from tray.pin_window.win32.layout import Face

FAMILIES = {
    "ja": ("Yu Gothic UI", "Meiryo UI", "Meiryo", "Noto Sans CJK JP", "IPAGothic", "MS UI Gothic"),
    "en": ("Segoe UI", "Yu Gothic UI", "Noto Sans CJK JP", "Tahoma"),
}
"""In this order; what a page or a certificate says may be Japanese in either language."""
_POINTS, _PER_INCH = 10, 72
_NORMAL, _BOLD = 400, 700
_DEFAULT_CHARSET, _CLEAR_TYPE = 1, 5


class Fonts:
    """GDI fonts, and a measure (`layout.Measure`) with them."""

    def __init__(self, language: str, dpi: int) -> None:
        self._dpi = dpi
        self._context = api.get_context(None)
        family = _family(self._context, language)
        self._fonts = {face: _font(family, self._pixels(face), bold=face.bold) for face in Face}
        self.width = cache(self._width)
        self.height = cache(self._height)

    def handle(self, face: Face) -> int:
        return self._fonts[face]

    def scaled(self, pixels: int) -> int:
        return pixels * self._dpi // 96

    def close(self) -> None:
        """To be called once no control uses them."""
        for font in self._fonts.values():
            api.delete_object(font)
        api.release_context(None, self._context)

    def _pixels(self, face: Face) -> int:
        return round(_POINTS * face.scale * self._dpi / _PER_INCH)

    def _width(self, text: str, face: Face) -> int:
        api.select_object(self._context, self._fonts[face])
        size = wintypes.SIZE()
        # Code units of UTF-16, as GDI counts them.
        api.text_extent(self._context, text, len(text.encode("utf-16-le")) // 2, ctypes.byref(size))
        return size.cx

    def _height(self, face: Face) -> int:
        api.select_object(self._context, self._fonts[face])
        metric = api.TextMetric()
        api.text_metrics(self._context, ctypes.byref(metric))
        return int(metric.height + metric.external_leading)


def _font(family: str, pixels: int, *, bold: bool) -> int:
    wanted = api.LogFont(height=-pixels, weight=_BOLD if bold else _NORMAL, charset=_DEFAULT_CHARSET, face=family)
    wanted.precisions[2] = _CLEAR_TYPE
    return int(api.create_font(ctypes.byref(wanted)))


def _family(context: int, language: str) -> str:
    """The first one that is installed; GDI replaces the last by whatever there is."""
    return next((name for name in FAMILIES[language] if _installed(context, name)), FAMILIES[language][-1])


def _installed(context: int, family: str) -> bool:
    found: list[bool] = []

    def note(*_: object) -> int:
        found.append(True)
        return 0

    wanted = api.LogFont(charset=_DEFAULT_CHARSET, face=family)
    api.font_families(context, ctypes.byref(wanted), api.FONTENUMPROC(note), 0, 0)
    return bool(found)
