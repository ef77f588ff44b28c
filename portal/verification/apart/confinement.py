"""What the reading process may use up, and what it may not do at all: a hostile file costs one process."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

MAX_MEMORY = 1536 << 20
"""Bytes of address space. An XML document of 10 MiB takes up to 370 MiB as a tree, and its canonical form as much."""
CPU_SECONDS = 15
_BEHIND = 10  # registrations come first
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system")


class Forbidden(Exception):
    """A file that took the process over asked for what reading has no use for."""


def confine() -> None:
    """From here on, for good: no network, no other program, no file written, little memory and time.

    What a system does not offer is left out (Linux: an empty network of its own where users may make one); the
    portal's deadline holds everywhere.
    """
    if sys.platform != "win32":
        os.nice(_BEHIND)
        _limit()
    if sys.platform == "linux":
        _leave_network()
    sys.addaudithook(_watch)


def _limit() -> None:
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,  # pipes are no files
        resource.RLIMIT_AS: MAX_MEMORY,
    }
    for kind, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # the system's own limit is lower, or (macOS) it has none such
            resource.setrlimit(kind, (value, value))


def _leave_network() -> None:
    """A network namespace without an interface (unshare(2)); refused where users may make no namespaces."""
    import ctypes

    ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _watch(event: str, _arguments: Any) -> None:
    if event.startswith(_FORBIDDEN):
        raise Forbidden(event)
