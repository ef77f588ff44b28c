"""The screen: its resolution, its room, and the way to the front."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from ctypes import wintypes
from typing import NamedTuple

from tray.pin_window.win32 import api
from tray.pin_window.win32.layout import Rect, Size

_PER_MONITOR_V2 = -4
"""DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2."""
_NEAREST, _FLASH_UNTIL_FRONT = 2, 0x0F
"""MONITOR_DEFAULTTONEAREST; FLASHW_ALL and FLASHW_TIMERNOFG."""
_TOPMOST, _NO_ACTIVATE = -1, 0x10
_SHARE = 98
"""Per cent of the height that the window takes at most."""


class Frame(NamedTuple):
    """What the window has around its inside, in pixels."""

    left: int
    top: int
    width: int
    """Left and right together."""
    height: int


def be_sharp() -> None:
    """Real pixels on every screen; to be called before the first window."""
    api.set_dpi_awareness(_PER_MONITOR_V2)


def dpi(window: int) -> int:
    return int(api.window_dpi(window)) or 96


def work_area() -> Rect:
    """Of the screen in use, which is the pointer's, without its taskbar."""
    place = wintypes.POINT()
    api.cursor_place(ctypes.byref(place))
    info = api.MonitorInfo(size=ctypes.sizeof(api.MonitorInfo))
    api.monitor_info(api.monitor_at(place, _NEAREST), ctypes.byref(info))
    work = info.work
    return Rect(work.left, work.top, work.right - work.left, work.bottom - work.top)


def frame(style: int, ex_style: int, resolution: int) -> Frame:
    rect = wintypes.RECT()
    api.outer_rect(ctypes.byref(rect), style, False, ex_style, resolution)
    return Frame(-rect.left, -rect.top, rect.right - rect.left, rect.bottom - rect.top)


def inside(work: Rect, around: Frame) -> Size:
    """The largest inside of a window in that area."""
    return Size(work.width - around.width, work.height * _SHARE // 100 - around.height)


def centre(window: int, work: Rect, around: Frame, size: Size) -> None:
    """In the middle, at most as large as the area, above all other windows."""
    width = min(size.width + around.width, work.width)
    height = min(size.height + around.height, work.height)
    left, top = work.x + (work.width - width) // 2, work.y + (work.height - height) // 2
    api.set_place(window, _TOPMOST, left, top, width, height, _NO_ACTIVATE)


def come_forward(window: int) -> None:
    """Windows lets a background process come to the front only sometimes; the taskbar flashes in any case."""
    if not api.set_foreground(window):
        flash = api.FlashInfo(ctypes.sizeof(api.FlashInfo), window, _FLASH_UNTIL_FRONT, 0, 0)
        api.flash_window(ctypes.byref(flash))
