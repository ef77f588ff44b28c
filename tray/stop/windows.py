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
_open_process = _kernel32.OpenProcess
_open_process.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD]
_open_process.restype = wintypes.HANDLE
_image = _kernel32.QueryFullProcessImageNameW
_image.argtypes = [wintypes.HANDLE, wintypes.DWORD, wintypes.LPWSTR, ctypes.POINTER(wintypes.DWORD)]
_ask_session = _kernel32.ProcessIdToSessionId
_ask_session.argtypes = [wintypes.DWORD, ctypes.POINTER(wintypes.DWORD)]

_ERROR_ALREADY_EXISTS: Final = 183
_EVENT_MODIFY_STATE: Final = 0x2
_SYNCHRONIZE: Final = 0x100000
_PROCESS_QUERY_LIMITED_INFORMATION: Final = 0x1000
_INFINITE: Final = 0xFFFFFFFF
_LONGEST_PATH: Final = 32768
_SIGNALLED: Final = 0  # WAIT_OBJECT_0


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
    with contextlib.ExitStack() as opened:
        # Card hosts and windows are run by the installed Python, too: until they have gone, its files are in use.
        programs = [opened.enter_context(_process(number)) for number in _programs()]
        told = [number for number in psutil.pids() if _tell(number)]
        sessions = frozenset(map(_session, told))
        told_ones = [opened.enter_context(_process(number)) for number in told]
        return sessions, not told or _gone([*programs, *told_ones], time.monotonic() + seconds)


def _name(process: int) -> str:
    return rf"Global\card-bridge stop {process}"


def _tell(process: int) -> bool:
    with _opened(_open(_EVENT_MODIFY_STATE, False, _name(process))) as event:
        return event is not None and bool(_set(event))


def _session(process: int) -> int:
    session = wintypes.DWORD()
    _ask_session(process, ctypes.byref(session))
    return session.value


def _programs() -> Iterator[int]:
    """What runs from the folder of this Python or the one above, apart from this process."""
    folders = (Path(sys.executable).parent, Path(sys.executable).parents[1])
    for number in psutil.pids():
        if number != os.getpid() and _path(number).parent in folders:
            yield number


def _path(number: int) -> Path:
    """Of a process's program; an empty path where that is not ours to know."""
    buffer, size = ctypes.create_unicode_buffer(_LONGEST_PATH), wintypes.DWORD(_LONGEST_PATH)
    with _process(number) as process:
        known = process is not None and _image(process, 0, buffer, ctypes.byref(size))
    return Path(buffer.value if known else "")


def _gone(processes: Iterable[int | None], end: float) -> bool:
    """Of processes that cannot be opened nothing can be said: they have gone, or are another's."""
    return all(
        _wait(process, max(0, int((end - time.monotonic()) * 1000))) == _SIGNALLED
        for process in processes
        if process is not None
    )


def _process(number: int) -> contextlib.AbstractContextManager[int | None]:
    return _opened(_open_process(_SYNCHRONIZE | _PROCESS_QUERY_LIMITED_INFORMATION, False, number))


@contextlib.contextmanager
def _opened(handle: int | None) -> Iterator[int | None]:
    try:
        yield handle
    finally:
        if handle:
            _close(handle)
