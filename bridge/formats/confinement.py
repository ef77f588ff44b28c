"""What the worker may use up, and what it may not do at all. A hostile document costs one process, not the computer."""

from __future__ import annotations

import contextlib
import sys
from typing import Any, NoReturn

MAX_MEMORY = 1536 << 20
"""Bytes of address space. An XML document of 16 MiB takes 90 to 580 MiB as a tree (docs/decisions/0065)."""
CPU_SECONDS = 30
_MAX_FILE = 512 << 20
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system")


class Forbidden(Exception):
    """The worker, or a document that took it over, asked for what it has no use for."""


def confine() -> None:
    """From here on: no network, no other program, no core file, little memory and time. For good.

    What a system does not offer is left out (Windows: a job object; Linux: an empty network of its own where users
    may make one); the daemon's deadline holds everywhere.
    """
    if sys.platform == "win32":
        from bridge.formats import windows_job

        windows_job.enter(MAX_MEMORY, CPU_SECONDS)
    else:
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
        resource.RLIMIT_FSIZE: _MAX_FILE,
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
        _refuse(event)


def _refuse(event: str) -> NoReturn:
    raise Forbidden(event)
