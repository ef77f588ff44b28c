"""Landlock: a process gives up writing anywhere but in one folder, and signals to others (Linux 5.13 on)."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""System calls, by the same numbers on every architecture."""
_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_WRITE = 1 << 1 | sum(1 << bit for bit in range(4, 13))
"""LANDLOCK_ACCESS_FS_WRITE_FILE, REMOVE_* and MAKE_* (landlock(7))."""
_SINCE = ((2, 1 << 13), (3, 1 << 14))
"""REFER and TRUNCATE, by the version that knows them."""
_SIGNALS, _ABSTRACT_SOCKETS = 1 << 1, 1 << 0
_SCOPES = 6
"""The version that knows scopes."""


def write_only_in(folder: Path) -> bool:
    """From here on, for good. False where the system has no Landlock, or does not let it be used."""
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    handled = _WRITE | sum(access for since, access in _SINCE if version >= since)
    scopes = (_SIGNALS | _ABSTRACT_SOCKETS,) if version >= _SCOPES else ()
    asked = struct.pack("=Q", handled) + b"".join(struct.pack("=QQ", 0, scope) for scope in scopes)
    rules = library.syscall(_CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    place = os.open(folder, os.O_RDONLY)
    try:
        rule = struct.pack("=Qi", handled, place)
        added = rules >= 0 and library.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0) == 0
        allowed = added and library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        return bool(allowed and library.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(place)
