"""What /proc tells of a process and its children (proc(5))."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

_PATIENCE_SECONDS = 20.0


def proportional_mebibytes(process: int) -> float:
    """Proportional set size: shared pages counted by their share."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024


def children(process: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found


def end_children(process: int) -> None:
    """End every child, and wait until the process has taken notice."""
    for child in children(process):
        os.kill(child, signal.SIGKILL)
    end = time.monotonic() + _PATIENCE_SECONDS
    while children(process):
        if time.monotonic() > end:
            raise TimeoutError(f"process {process} has children still")
        time.sleep(0.01)
