"""Whose a loopback connection is on Windows: its row in the system's table, and the token of the process named there.

Ours is what our user holds in our own session. A person may have two of them on a terminal server, each with a bridge:
a page that reached the other session's would have the PIN window open where nobody looks.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import ctypes
import functools
import socket
from collections.abc import Iterator
from ctypes import wintypes
from typing import Any, Final, NamedTuple

from bridge.gate import tcp_table
from bridge.gate.tcp_table import Address

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_CONNECTIONS: Final = 4  # TCP_TABLE_OWNER_PID_CONNECTIONS: no listeners
_TOO_SMALL: Final = 122  # ERROR_INSUFFICIENT_BUFFER
_LOOKS: Final = 5
_LIMITED: Final = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_QUERY: Final = 0x8  # TOKEN_QUERY
_TOKEN_USER, _TOKEN_SESSION = 1, 12
_SID_SPACE: Final = 128
"""Octets: TOKEN_USER has 16, and a SID 68 at most (SECURITY_MAX_SID_SIZE)."""

_Handle, _Pointer, _Int, _Long = wintypes.HANDLE, ctypes.c_void_p, ctypes.c_int, wintypes.DWORD


def _typed(library: str, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(ctypes.WinDLL(library, winmode=_FROM_SYSTEM32, use_last_error=True), name)
    function.restype, function.argtypes = result, arguments
    return function


_read_table = _typed("iphlpapi", "GetExtendedTcpTable", _Long, _Pointer, _Pointer, _Int, _Long, _Int, _Long)
_this_process = _typed("kernel32", "GetCurrentProcess", _Handle)
_open_process = _typed("kernel32", "OpenProcess", _Handle, _Long, _Int, _Long)
_close = _typed("kernel32", "CloseHandle", _Int, _Handle)
_open_token = _typed("advapi32", "OpenProcessToken", _Int, _Handle, _Long, _Pointer)
_ask_token = _typed("advapi32", "GetTokenInformation", _Int, _Handle, _Int, _Pointer, _Long, _Pointer)
_sid_length = _typed("advapi32", "GetLengthSid", _Long, _Pointer)


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
    handle = _open_process(_LIMITED, False, process)
    if not handle:
        raise ctypes.WinError(ctypes.get_last_error())
    with _closed(handle):
        return _token_owner(handle)


@functools.cache
def _own() -> Owner:
    return _token_owner(_this_process())


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


def _token_owner(process: int) -> Owner:
    token = wintypes.HANDLE()
    _check(_open_token(process, _QUERY, ctypes.byref(token)))
    with _closed(token):
        user = _told(token, _TOKEN_USER, _SID_SPACE)
        sid = _Pointer.from_buffer(user)  # SID_AND_ATTRIBUTES begins with the SID's address
        session = _told(token, _TOKEN_SESSION, ctypes.sizeof(_Long))
        return Owner(ctypes.string_at(sid, _sid_length(sid)), _Long.from_buffer(session).value)


def _told(token: wintypes.HANDLE, what: int, space: int) -> ctypes.Array[ctypes.c_char]:
    answer, length = ctypes.create_string_buffer(space), wintypes.DWORD()
    _check(_ask_token(token, what, answer, space, ctypes.byref(length)))
    return answer


def _check(done: int) -> None:
    if not done:
        raise ctypes.WinError(ctypes.get_last_error())


@contextlib.contextmanager
def _closed(handle: Any) -> Iterator[None]:
    try:
        yield
    finally:
        _close(handle)
