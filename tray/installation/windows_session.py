"""Starting the bridge in somebody's session, as that person: only SYSTEM may (WTSQueryUserToken)."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import ctypes
from collections.abc import Iterator
from ctypes import wintypes
from pathlib import Path
from typing import Final

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_CREATE_UNICODE_ENVIRONMENT: Final = 0x400
_PROGRAM: Final = Path(sys.executable).parents[1] / "card-bridge.exe"


def _library(name: str) -> ctypes.WinDLL:
    return ctypes.WinDLL(name, winmode=_FROM_SYSTEM32, use_last_error=True)


class _StartupInfo(ctypes.Structure):
    """STARTUPINFOW."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("reserved", wintypes.LPWSTR),
        ("desktop", wintypes.LPWSTR),
        ("title", wintypes.LPWSTR),
        ("numbers", wintypes.DWORD * 8),
        ("show", wintypes.WORD),
        ("reserved_size", wintypes.WORD),
        ("reserved_bytes", ctypes.c_void_p),
        ("handles", wintypes.HANDLE * 3),
    )


class _ProcessInformation(ctypes.Structure):
    _fields_ = (
        ("process", wintypes.HANDLE),
        ("thread", wintypes.HANDLE),
        ("process_number", wintypes.DWORD),
        ("thread_number", wintypes.DWORD),
    )


_query_token = _library("wtsapi32.dll").WTSQueryUserToken
_query_token.argtypes = [wintypes.ULONG, ctypes.POINTER(wintypes.HANDLE)]
_create_environment = _library("userenv.dll").CreateEnvironmentBlock
_create_environment.argtypes = [ctypes.POINTER(ctypes.c_void_p), wintypes.HANDLE, wintypes.BOOL]
_destroy_environment = _library("userenv.dll").DestroyEnvironmentBlock
_destroy_environment.argtypes = [ctypes.c_void_p]
_create_process = _library("advapi32.dll").CreateProcessAsUserW
_create_process.argtypes = [
    wintypes.HANDLE, wintypes.LPCWSTR, wintypes.LPWSTR, ctypes.c_void_p, ctypes.c_void_p, wintypes.BOOL,
    wintypes.DWORD, ctypes.c_void_p, wintypes.LPCWSTR, ctypes.c_void_p, ctypes.c_void_p,
]  # fmt: skip
_close = _library("kernel32.dll").CloseHandle
_close.argtypes = [wintypes.HANDLE]


def start(session: int) -> None:
    """Raises OSError: nobody is logged on there, or we are not SYSTEM."""
    with _token(session) as token, _environment(token) as environment:
        startup = _StartupInfo(size=ctypes.sizeof(_StartupInfo), desktop=r"winsta0\default")
        made = _ProcessInformation()
        command = ctypes.create_unicode_buffer(f'"{_PROGRAM}" run --unless-running')
        _demand(
            _create_process(
                token, str(_PROGRAM), command, None, None, False, _CREATE_UNICODE_ENVIRONMENT, environment,
                str(_PROGRAM.parent), ctypes.byref(startup), ctypes.byref(made),
            )
        )  # fmt: skip
        _close(made.process)
        _close(made.thread)


@contextlib.contextmanager
def _token(session: int) -> Iterator[wintypes.HANDLE]:
    token = wintypes.HANDLE()
    _demand(_query_token(session, ctypes.byref(token)))
    try:
        yield token
    finally:
        _close(token)


@contextlib.contextmanager
def _environment(token: wintypes.HANDLE) -> Iterator[ctypes.c_void_p]:
    """That person's own variables, and none of ours."""
    block = ctypes.c_void_p()
    _demand(_create_environment(ctypes.byref(block), token, False))
    try:
        yield block
    finally:
        _destroy_environment(block)


def _demand(result: int) -> None:
    if not result:
        raise ctypes.WinError(ctypes.get_last_error())
