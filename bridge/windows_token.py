"""A process's token on Windows: whose it is, in which session, and whether it has an administrator's rights."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import ctypes
from collections.abc import Iterator
from ctypes import wintypes
from typing import Any, Final

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_LIMITED: Final = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_QUERY: Final = 0x8  # TOKEN_QUERY
_USER, _SESSION, _ELEVATION = 1, 12, 20  # TOKEN_INFORMATION_CLASS
_SID_SPACE: Final = 128
"""Octets: TOKEN_USER has 16, and a SID 68 at most (SECURITY_MAX_SID_SIZE)."""

_Handle, _Pointer, _Int, _Long = wintypes.HANDLE, ctypes.c_void_p, ctypes.c_int, wintypes.DWORD


def _typed(library: str, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(ctypes.WinDLL(library, winmode=_FROM_SYSTEM32, use_last_error=True), name)
    function.restype, function.argtypes = result, arguments
    return function


_this_process = _typed("kernel32", "GetCurrentProcess", _Handle)
_open_process = _typed("kernel32", "OpenProcess", _Handle, _Long, _Int, _Long)
_close = _typed("kernel32", "CloseHandle", _Int, _Handle)
_open_token = _typed("advapi32", "OpenProcessToken", _Int, _Handle, _Long, _Pointer)
_ask_token = _typed("advapi32", "GetTokenInformation", _Int, _Handle, _Int, _Pointer, _Long, _Pointer)
_sid_length = _typed("advapi32", "GetLengthSid", _Long, _Pointer)


@contextlib.contextmanager
def own() -> Iterator[wintypes.HANDLE]:
    """This process's. Raises OSError."""
    with _opened(_this_process()) as token:
        yield token


@contextlib.contextmanager
def of(process: int) -> Iterator[wintypes.HANDLE]:
    """Of the process of that number. Raises OSError where it does not let us ask, or has ended."""
    handle = _open_process(_LIMITED, False, process)
    _check(bool(handle))
    with _closed(handle), _opened(handle) as token:
        yield token


def user(token: wintypes.HANDLE) -> bytes:
    """The user's security identifier. Raises OSError."""
    answer = _told(token, _USER, _SID_SPACE)
    sid = _Pointer.from_buffer(answer)  # SID_AND_ATTRIBUTES begins with the SID's address
    return ctypes.string_at(sid, _sid_length(sid))


def session(token: wintypes.HANDLE) -> int:
    """Raises OSError."""
    return _Long.from_buffer(_told(token, _SESSION, ctypes.sizeof(_Long))).value


def is_elevated(token: wintypes.HANDLE) -> bool:
    """Whether it has an administrator's rights. Raises OSError."""
    return bool(_Long.from_buffer(_told(token, _ELEVATION, ctypes.sizeof(_Long))).value)


def _told(token: wintypes.HANDLE, what: int, space: int) -> ctypes.Array[ctypes.c_char]:
    answer, length = ctypes.create_string_buffer(space), wintypes.DWORD()
    _check(_ask_token(token, what, answer, space, ctypes.byref(length)))
    return answer


@contextlib.contextmanager
def _opened(process: Any) -> Iterator[wintypes.HANDLE]:
    token = wintypes.HANDLE()
    _check(_open_token(process, _QUERY, ctypes.byref(token)))
    with _closed(token):
        yield token


@contextlib.contextmanager
def _closed(handle: Any) -> Iterator[None]:
    try:
        yield
    finally:
        _close(handle)


def _check(done: int) -> None:
    if not done:
        raise ctypes.WinError(ctypes.get_last_error())
