"""One bridge per session of Windows: a named mutex, in the namespace that each session has for itself.

A lock on a file would hold for all sessions of a person, and on a terminal server the second session's browser would be
left to the first one's bridge, whose windows open where nobody looks.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import hashlib
import os
from ctypes import wintypes
from pathlib import Path
from typing import Final

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_EXISTS: Final = 183  # ERROR_ALREADY_EXISTS

_create = ctypes.WinDLL("kernel32", winmode=_FROM_SYSTEM32, use_last_error=True).CreateMutexW
_create.restype, _create.argtypes = wintypes.HANDLE, (ctypes.c_void_p, wintypes.BOOL, wintypes.LPCWSTR)


def take(lock: Path) -> bool:
    """Whether no other bridge of this session holds this lock. The mutex stays until the last one ends.

    A mutex of that name which another account keeps from us (ERROR_ACCESS_DENIED) is no bridge of ours.
    """
    return not (_create(None, False, name(lock)) and ctypes.get_last_error() == _EXISTS)


def name(lock: Path) -> str:
    path = os.path.normcase(lock.absolute())
    return rf"Local\card-bridge-{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
