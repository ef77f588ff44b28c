"""The running bridge's side: how it lets itself be found, and told to end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from bridge import logs, settings


def lock(loaded: settings.Settings) -> Path:
    """The file that a running bridge of this user holds locked."""
    return settings.card_directory(loaded) / "running.lock"


def leave_mark(held: Path) -> None:
    if sys.platform != "win32":  # which lets nobody read a file that is locked
        from tray.stop import mark

        with contextlib.suppress(OSError):
            mark.leave(held)


def listen(stop: Callable[[], object]) -> None:
    """Windows has no signal that another program could send: there, `stop` is called on a thread of its own."""
    if sys.platform == "win32":
        from tray.stop import windows

        if not windows.listen(stop):
            logs.warning("cannot_be_told_to_end")
