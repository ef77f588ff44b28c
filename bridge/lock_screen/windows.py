"""The lock screen, sleep and log-off as Windows tells of them, to windows.

WM_WTSSESSION_CHANGE comes to those that have asked, WM_POWERBROADCAST and WM_ENDSESSION to every top-level one. Windows
sleeps, or ends the process, once a window has answered, or has not for a few seconds.

Ours is never shown. It has a thread of its own, since Windows hands a window's messages to the thread that made it.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import asyncio
import contextlib
import ctypes
import threading
import time
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

from bridge.lock_screen.watch import Told

TITLE = "card-bridge lock screen"
_FROM_SYSTEM32 = 0x800
"""LOAD_LIBRARY_SEARCH_SYSTEM32."""
_WM_CLOSE, _WM_ENDSESSION, _WM_POWERBROADCAST, _WM_WTSSESSION_CHANGE = 0x0010, 0x0016, 0x0218, 0x02B1
_SUSPEND, _RESUME = 0x4, 0x12
"""PBT_APMSUSPEND, PBT_APMRESUMEAUTOMATIC: the one that comes with every end of a sleep."""
_ANSWER_SECONDS = 1.8
"""Windows waits two seconds with a sleep (PBT_APMSUSPEND), five with a log-off."""
_LEFT = frozenset({0x2, 0x4, 0x7})
"""WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK: a terminal server's session goes on without a person
and need not be locked first, and so does one's own while another user is at the computer."""
_GWLP_WNDPROC, _NOTIFY_FOR_THIS_SESSION = -4, 0

_Handle, _Pointer, _Int, _Uint = wintypes.HANDLE, ctypes.c_void_p, ctypes.c_int, wintypes.UINT
_LRESULT = ctypes.c_ssize_t
_MESSAGE = (_Handle, _Uint, wintypes.WPARAM, wintypes.LPARAM)
_Procedure = ctypes.WINFUNCTYPE(_LRESULT, *_MESSAGE)


def _typed(library: str, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(ctypes.WinDLL(library, winmode=_FROM_SYSTEM32), name)
    function.restype, function.argtypes = result, arguments
    return function


_create_window = _typed(
    *("user32", "CreateWindowExW", _Handle),
    *(wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD, _Int, _Int, _Int, _Int),
    *(_Handle, _Handle, _Handle, _Pointer),
)
_destroy_window = _typed("user32", "DestroyWindow", wintypes.BOOL, _Handle)
_set_window_pointer = _typed("user32", "SetWindowLongPtrW", _Pointer, _Handle, _Int, _Pointer)
_call_procedure = _typed("user32", "CallWindowProcW", _LRESULT, _Pointer, *_MESSAGE)
_post_message = _typed("user32", "PostMessageW", wintypes.BOOL, *_MESSAGE)
_post_quit = _typed("user32", "PostQuitMessage", None, _Int)
_get_message = _typed("user32", "GetMessageW", _Int, ctypes.POINTER(wintypes.MSG), _Handle, _Uint, _Uint)
_dispatch = _typed("user32", "DispatchMessageW", _LRESULT, ctypes.POINTER(wintypes.MSG))
_register = _typed("wtsapi32", "WTSRegisterSessionNotification", wintypes.BOOL, _Handle, wintypes.DWORD)
_unregister = _typed("wtsapi32", "WTSUnRegisterSessionNotification", wintypes.BOOL, _Handle)


async def follow(told: Told) -> None:
    """Until cancelled."""
    window = _LockWindow(told, asyncio.get_running_loop())
    window.start()
    try:
        await asyncio.Event().wait()
    finally:
        window.close()


class _LockWindow(threading.Thread):
    def __init__(self, told: Told, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="lock screen", daemon=True)
        self._told = told
        self._loop = loop
        self._over = threading.Event()
        self._kept: set[asyncio.Future[None]] = set()
        self._made = threading.Event()
        self._window: int | None = None
        self._usual: int | None = None
        """The procedure of every window of its class."""
        self._procedure = _Procedure(self._receive)  # Windows keeps no reference of its own

    def run(self) -> None:
        self._window = _create_window(0, "Static", TITLE, 0, 0, 0, 0, 0, None, None, None, None)
        self._made.set()
        if self._window is None:
            return
        ours = ctypes.cast(self._procedure, _Pointer)
        self._usual = _set_window_pointer(self._window, _GWLP_WNDPROC, ours)
        if _register(self._window, _NOTIFY_FOR_THIS_SESSION):
            self._on_loop(lambda: self._told.watching("windows"))
        message = wintypes.MSG()
        while _get_message(ctypes.byref(message), None, 0, 0) > 0:
            _dispatch(ctypes.byref(message))

    def close(self) -> None:
        """From any thread."""
        self._over.set()
        self._made.wait()
        if self._window is not None:
            _post_message(self._window, _WM_CLOSE, 0, 0)
        self.join()

    def _receive(self, window: int, message: int, what: int, more: int) -> int:
        if message == _WM_CLOSE:
            _unregister(window)
            _destroy_window(window)
            _post_quit(0)
            return 0
        self._take(message, what)
        return int(_call_procedure(self._usual, window, message, what, more))

    def _take(self, message: int, what: int) -> None:
        if message == _WM_WTSSESSION_CHANGE and what in _LEFT:
            self._on_loop(self._told.locked)
        elif message == _WM_POWERBROADCAST and what == _SUSPEND:
            self._end_logins()
        elif message == _WM_POWERBROADCAST and what == _RESUME:
            self._on_loop(self._told.woken)
        elif message == _WM_ENDSESSION and what:
            self._end_logins()
            self._on_loop(self._told.ending)
            self._over.wait(_ANSWER_SECONDS)

    def _end_logins(self) -> None:
        """Returns when that is done, or Windows waits no longer."""
        done = threading.Event()

        async def end() -> None:
            try:
                await self._told.sleeping()
            finally:
                done.set()

        self._on_loop(lambda: self._kept.add(asyncio.ensure_future(end())))
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not done.wait(0.02) and not self._over.is_set() and time.monotonic() < deadline:
            pass

    def _on_loop(self, work: Callable[[], object]) -> None:
        # The loop may be gone while the window is told something.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work)
