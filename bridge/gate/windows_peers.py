"""Whose a loopback connection is on Windows: its row in the system's table, and the token of the process named there.

Ours is what our user holds in our own session. A person may have two of them on a terminal server, each with a bridge:
a page that reached the other session's would have the PIN window open where nobody looks.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import functools
import socket
from ctypes import wintypes
from typing import Final, NamedTuple

from bridge import windows_token
from bridge.gate import tcp_table
from bridge.gate.tcp_table import Address

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_CONNECTIONS: Final = 4  # TCP_TABLE_OWNER_PID_CONNECTIONS: no listeners
_TOO_SMALL: Final = 122  # ERROR_INSUFFICIENT_BUFFER
_LOOKS: Final = 5

_read_table = ctypes.WinDLL("iphlpapi", winmode=_FROM_SYSTEM32).GetExtendedTcpTable
_read_table.restype = wintypes.DWORD
_read_table.argtypes = [
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, wintypes.DWORD, ctypes.c_int, wintypes.DWORD
]  # fmt: skip


class Owner(NamedTuple):
    sid: bytes
    """The user's security identifier."""
    session: int


def is_ours(peer: Address, own: Address) -> bool:
    """Raises OSError for a process that does not let us ask: another user's, or one that has ended."""
    process = tcp_table.owner(_table(peer), peer, own)
    return process is not None and owner_of(process) == _own()


def owner_of(process: int) -> Owner:
    """Raises OSError."""
    with windows_token.of(process) as token:
        return _owner(token)


@functools.cache
def _own() -> Owner:
    with windows_token.own() as token:
        return _owner(token)


def _owner(token: wintypes.HANDLE) -> Owner:
    return Owner(windows_token.user(token), windows_token.session(token))


def _table(peer: Address) -> bytes:
    """The connections of the peer's family. Raises OSError."""
    family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
    size, result = wintypes.DWORD(0), _TOO_SMALL
    for _ in range(_LOOKS):  # it may have grown between two looks
        space = ctypes.create_string_buffer(size.value)
        result = _read_table(space, ctypes.byref(size), 0, family, _CONNECTIONS, 0)
        if result == 0:
            return space.raw
        if result != _TOO_SMALL:
            break
    raise ctypes.WinError(result)
