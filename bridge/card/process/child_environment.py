"""What a child process inherits: the desktop and card service variables, but nothing that loads code into it."""

from __future__ import annotations

import os

_LOADER_VARIABLES = ("LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME")


def inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _LOADER_VARIABLES}
