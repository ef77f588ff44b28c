"""Windows: each running bridge waits for an event of its own, whose name anybody can make from its process number.

Its access list is Windows' usual one: the bridge's own user and SYSTEM (as which Windows Installer runs us) may set it,
in whichever session. Who made such an event before us could end this bridge by it, so that one is not listened to.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from ctypes import wintypes
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped,unused-ignore]  # not installed on Linux, and ships no types

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_kernel32 = ctypes.WinDLL("kernel32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)
_create = _kernel32.CreateEventW
_create.argtypes = [ctypes.c_void_p, wintypes.BOOL, wintypes.BOOL, wintypes.LPCWSTR]
_create.restype = wintypes.HANDLE
_open = _kernel32.OpenEventW
_open.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.LPCWSTR]
_open.restype = wintypes.HANDLE
_set = _kernel32.SetEvent
_set.argtypes = [wintypes.HANDLE]
_wait = _kernel32.WaitForSingleObject
_wait.argtypes = [wintypes.HANDLE, wintypes.DWORD]
_wait.restype = wintypes.DWORD
_close = _kernel32.CloseHandle
_close.argtypes = [wintypes.HANDLE]
_ask_session = _kernel32.ProcessIdToSessionId
_ask_session.argtypes = [wintypes.DWORD, ctypes.POINTER(wintypes.DWORD)]

_ERROR_ALREADY_EXISTS: Final = 183
_EVENT_MODIFY_STATE: Final = 0x2
_INFINITE: Final = 0xFFFFFFFF
_LOOK_SECONDS: Final = 0.1


def listen(stop: Callable[[], object]) -> bool:
    """`stop` is called on a thread of its own when this process is told to end. Whether somebody is listened to."""
    event = _create(None, True, False, _name(os.getpid()))
    if not event or ctypes.get_last_error() == _ERROR_ALREADY_EXISTS:
        return False

    def wait() -> None:
        _wait(event, _INFINITE)
        stop()

    threading.Thread(target=wait, name="told to end", daemon=True).start()
    return True


def end_all(seconds: float) -> tuple[frozenset[int], bool]:
    """Ends every bridge that this user may end: the sessions of those that ran, and whether all have gone."""
    told = [process for process in psutil.pids() if _tell(process)]
    sessions = frozenset(_session(process) for process in told)
    return sessions, not told or _gone([*told, *_own_programs()], seconds)


def _name(process: int) -> str:
    return rf"Global\card-bridge stop {process}"


def _tell(process: int) -> bool:
    with _opened(_open(_EVENT_MODIFY_STATE, False, _name(process))) as event:
        return event is not None and bool(_set(event))


def _session(process: int) -> int:
    session = wintypes.DWORD()
    _ask_session(process, ctypes.byref(session))
    return session.value


def _own_programs() -> Iterator[int]:
    """Card hosts and windows run by the installed Python as well: until they have gone, so are its files in use."""
    runtime = Path(sys.executable).parent
    near = {os.getpid(), os.getppid()}
    for process in psutil.process_iter(["exe"]):
        if process.pid not in near and process.info["exe"] and Path(process.info["exe"]).parent == runtime:
            yield process.pid


def _gone(processes: Iterable[int], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while any(psutil.pid_exists(process) for process in processes):
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


@contextlib.contextmanager
def _opened(handle: int | None) -> Iterator[int | None]:
    try:
        yield handle
    finally:
        if handle:
            _close(handle)
