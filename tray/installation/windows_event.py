"""Windows' event log, for what an installation without dialogs could tell nobody otherwise."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from ctypes import wintypes
from typing import Final

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_advapi32 = ctypes.WinDLL("advapi32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)
_ERROR: Final = 1  # EVENTLOG_ERROR_TYPE
_NUMBER: Final = 1
SOURCE: Final = "Card Bridge"

_open = _advapi32.RegisterEventSourceW
_open.argtypes = [wintypes.LPCWSTR, wintypes.LPCWSTR]
_open.restype = wintypes.HANDLE
_report = _advapi32.ReportEventW
_report.argtypes = [
    wintypes.HANDLE, wintypes.WORD, wintypes.WORD, wintypes.DWORD, ctypes.c_void_p, wintypes.WORD, wintypes.DWORD,
    ctypes.POINTER(wintypes.LPCWSTR), ctypes.c_void_p,
]  # fmt: skip
_close = _advapi32.DeregisterEventSource
_close.argtypes = [wintypes.HANDLE]


def report(text: str) -> None:
    """An error in the log Application. Best effort: where the log is full or closed, there is nothing else to try."""
    log = _open(None, SOURCE)
    if log:
        try:
            _report(log, _ERROR, 0, _NUMBER, None, 1, 0, (wintypes.LPCWSTR * 1)(text), None)
        finally:
            _close(log)
