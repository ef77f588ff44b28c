"""One window of the first run at a time, whoever opens it: a second one brings the first to the front, and ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from bridge.settings import Settings
from tray.first_run import memory

if sys.platform == "win32":
    from tray import session_mutex
    from tray.first_run.texts import EN, JA

    def is_first(lock: Path) -> bool:
        """Whether no other window of this session holds this lock; from now on, until it ends, this one does."""
        return session_mutex.take(lock)

    def knock(lock: Path) -> None:
        """Have the window that holds it come to the front."""
        from tray.pin_window.win32 import api, screen

        for texts in (JA, EN):
            if window := api.find_window(None, texts.title):
                screen.come_forward(window)

else:
    from bridge.card.safety.seat import Seat
    from bridge.errors import Busy, CardFailed

    def is_first(lock: Path) -> bool:
        """Whether no other window of this person holds this lock; from now on, until it ends, this one does."""
        with contextlib.suppress(CardFailed):  # a folder that cannot be written: better two than none
            try:
                Seat(lock, lambda: None).take()
            except Busy:
                return False
        return True

    def knock(lock: Path) -> None:
        """Have the window that holds it come to the front: it watches the file's times."""
        with contextlib.suppress(OSError):
            os.utime(lock)


def lock(loaded: Settings) -> Path:
    """Beside what is remembered: for each person, and each set of settings."""
    return memory.file(loaded).with_suffix(".lock")
