"""Keep a process that sees a PIN out of core files and out of other programs' reach, as far as the system offers it."""

from __future__ import annotations

import sys

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """No core file, and on Linux no ptrace by other processes of the same user (prctl(2), PR_SET_DUMPABLE)."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
