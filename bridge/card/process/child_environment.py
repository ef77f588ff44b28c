"""What a child process inherits: the desktop and card service variables, no code to load, no console."""

from __future__ import annotations

import os
import subprocess
from typing import Final

_LOADER_VARIABLES = ("LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME")

NO_CONSOLE: Final[int] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""creationflags. On Windows a program of a console's kind, started by one without, would open a window of its own."""


def inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _LOADER_VARIABLES}
