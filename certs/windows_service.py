"""One piece of work as a Windows service: the manager is told that it began and how it ended."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from collections.abc import Callable
from ctypes import wintypes
from typing import Final

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_advapi32 = ctypes.WinDLL("advapi32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)

# winsvc.h, winerror.h
_OWN_PROCESS: Final = 0x10
_STOPPED: Final = 1
_RUNNING: Final = 4
_SPECIFIC_ERROR: Final = 1066  # ERROR_SERVICE_SPECIFIC_ERROR: the number is the service's own
_NOT_FROM_MANAGER: Final = 1063  # ERROR_FAILED_SERVICE_CONTROLLER_CONNECT

_Main = ctypes.WINFUNCTYPE(None, wintypes.DWORD, ctypes.c_void_p)
_Handler = ctypes.WINFUNCTYPE(None, wintypes.DWORD)


class _Entry(ctypes.Structure):
    """SERVICE_TABLE_ENTRYW."""

    _fields_ = (("name", wintypes.LPWSTR), ("main", _Main))


class _Status(ctypes.Structure):
    """SERVICE_STATUS."""

    _fields_ = (
        ("kind", wintypes.DWORD),
        ("state", wintypes.DWORD),
        ("accepted", wintypes.DWORD),
        ("exit_code", wintypes.DWORD),
        ("specific", wintypes.DWORD),
        ("checkpoint", wintypes.DWORD),
        ("wait_hint", wintypes.DWORD),
    )


_dispatch = _advapi32.StartServiceCtrlDispatcherW
_dispatch.argtypes = [ctypes.POINTER(_Entry)]
_register = _advapi32.RegisterServiceCtrlHandlerW
_register.argtypes = [wintypes.LPCWSTR, _Handler]
_register.restype = ctypes.c_void_p
_set = _advapi32.SetServiceStatus
_set.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Status)]


def run(name: str, work: Callable[[], int]) -> int | None:
    """What `work` returned, which the manager is told; None: this process was not started by the manager.

    Raises OSError.
    """
    done: list[int] = []

    def main(_count: int, _arguments: int | None) -> None:
        handle = _register(name, ignoring)
        _tell(handle, _RUNNING, 0)
        result = 1
        try:
            result = work()
        finally:
            done.append(result)
            _tell(handle, _STOPPED, result)

    # The work takes a second and is not broken off. Both must live for as long as the manager may call them.
    ignoring, entry = _Handler(lambda _control: None), _Main(main)
    table = (_Entry * 2)(_Entry(name, entry))  # ends with an empty entry
    if not _dispatch(table):
        error = ctypes.get_last_error()
        if error != _NOT_FROM_MANAGER:
            raise ctypes.WinError(error)
        return None
    return done[0] if done else 1


def _tell(handle: int, state: int, result: int) -> None:
    _set(handle, ctypes.byref(_Status(_OWN_PROCESS, state, 0, _SPECIFIC_ERROR if result else 0, result)))
