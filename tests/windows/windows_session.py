"""Run on Wine: tells the installed bridge that its session was locked, as Windows would tell its window."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from ctypes import wintypes

from bridge.lock_screen.windows import TITLE

_WM_WTSSESSION_CHANGE, _WTS_SESSION_LOCK = 0x02B1, 0x7
_user32 = ctypes.windll.user32
_user32.FindWindowW.restype = wintypes.HWND
_user32.PostMessageW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)

if __name__ == "__main__":
    window = _user32.FindWindowW("Static", TITLE)
    assert window, "the bridge has no window that could be told"
    assert _user32.PostMessageW(window, _WM_WTSSESSION_CHANGE, _WTS_SESSION_LOCK, 0)
