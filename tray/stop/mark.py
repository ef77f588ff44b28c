"""Systems with signals: the running bridge's number stands in the file that it holds locked, and SIGTERM ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from bridge.card.safety.seat import Seat
from bridge.errors import Busy

_LOOK_SECONDS = 0.1


def leave(lock: Path) -> None:
    """To be called by whoever holds the lock. Raises OSError."""
    lock.write_text(f"{os.getpid()}\n", encoding="ascii")


def end(lock: Path, seconds: float, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Whether no bridge runs any more. Raises CardFailed for a folder that cannot be written."""
    looks = int(seconds / _LOOK_SECONDS)
    told = False
    for _ in range(looks):
        if not _held(lock):
            return True
        told = told or _tell(lock)
        sleep(_LOOK_SECONDS)
    return False


def _tell(lock: Path) -> bool:
    """Whether its holder was told. Right after a start the number may be that of a bridge before."""
    with contextlib.suppress(ValueError, OSError):
        number = int(lock.read_text(encoding="ascii"))
        if _has_open(number, lock):
            os.kill(number, signal.SIGTERM)
            return True
    return False


def _has_open(process: int, file: Path) -> bool:
    files = Path(f"/proc/{process}/fd")  # proc(5); a system without it is believed
    return not files.parents[1].is_dir() or any(file.samefile(each) for each in files.iterdir() if each.exists())


def _held(lock: Path) -> bool:
    seat = Seat(lock, lambda: None)
    try:
        seat.take()
    except Busy:
        return True
    seat.leave()
    return False
