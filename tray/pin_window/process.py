"""What the process does for its secret: no core dump, no debugger, and an end when the host ends."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from tray.pin_window.question import MAX_BYTES

EXIT_ANSWERED, EXIT_BAD_QUESTION, EXIT_HOST_GONE, EXIT_NO_DISPLAY, EXIT_NO_TOOLKIT = 0, 2, 3, 4, 5
_PR_SET_DUMPABLE = 4
_SEM_FAILCRITICALERRORS, _SEM_NOGPFAULTERRORBOX = 1, 2


def harden() -> None:
    """Keep the memory out of core files and away from other programs of the same user, as far as the system can."""
    import ctypes

    if sys.platform == "win32":
        # Windows' error reports hold what a process had in memory: none for this one, and no box about it either.
        ctypes.windll.kernel32.SetErrorMode(_SEM_FAILCRITICALERRORS | _SEM_NOGPFAULTERRORBOX)
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # prctl(2): not dumpable also means not traceable and /proc/PID/mem not readable by this user.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def read_line(descriptor: int) -> bytes:
    """The first line, at most MAX_BYTES + 1 bytes. Unbuffered: the watch must see what follows."""
    line = bytearray()
    while not line.endswith(b"\n") and len(line) <= MAX_BYTES:
        octets = os.read(descriptor, 65536)
        if not octets:
            break
        line += octets
    return bytes(line)


def watch_end(descriptor: int, wipe: Callable[[], None]) -> None:
    """End this process as soon as the host closes its end, whatever the window is doing just then."""

    def watch() -> None:
        while os.read(descriptor, 4096):
            pass
        wipe()
        os._exit(EXIT_HOST_GONE)

    threading.Thread(target=watch, name="host watch", daemon=True).start()


def leave(code: int, reason: str = "") -> NoReturn:
    """End at once: no toolkit teardown, no exit handler that could hang with a PIN in memory."""
    if reason:
        os.write(2, f"pin window: {reason}\n".encode())
    os._exit(code)
