"""The steps themselves; each prints what it did for the installer's log, and returns an exit status."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

from pathlib import Path

from tray.installation import windows_folder, windows_memory, windows_session
from tray.stop import windows

_DEADLINE_SECONDS = 75.0
"""Longer than a card may take for what it has begun (card.host_deadline_seconds: 60 unless set)."""


def stop(*, remember: bool) -> int:
    sessions, gone = windows.end_all(_DEADLINE_SECONDS)
    print(f"ended in sessions {sorted(sessions)}, all gone: {gone}")
    if remember:
        windows_memory.keep(sessions)
    return 0 if gone else 1


def start() -> int:
    failed = 0
    for session in windows_memory.take():
        try:
            windows_session.start(session)
            print(f"started in session {session}")
        except OSError as error:  # its person has logged off, say: theirs starts at the next log-on
            print(f"not started in session {session}: {error}")
            failed = 1
    return failed


def folder(machine: Path) -> int:
    for moved in windows_folder.take_over(machine):
        print(f"moved out of the way, since other people than administrators can change it: {moved}")
    return 0
