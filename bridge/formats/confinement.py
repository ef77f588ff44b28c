"""What the worker and its children may use up, and what they may not do at all. A hostile document costs one process,
not the computer.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any, NoReturn

MAX_MEMORY = 1536 << 20
"""Bytes of address space. An XML document of 16 MiB takes 90 to 580 MiB as a tree (docs/decisions/0065)."""
CPU_SECONDS = 30
_MAX_FILE = 512 << 20
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SET_DUMPABLE = 4
"""PR_SET_DUMPABLE, prctl(2)."""
_PROGRAMS = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.system")
_PROCESSES = ("os.fork",)


class Forbidden(Exception):
    """The worker, or a document that took it over, asked for what it has no use for."""


def confine() -> None:
    """The worker, before it hears of a document: no network, no other program, no core file. For good.

    What a system does not offer is left out; the daemon's deadline holds everywhere. Without children (Windows) the
    worker reads documents itself: a job object limits its memory and time.
    """
    if sys.platform == "win32":
        from bridge.formats import windows_job

        windows_job.enter(MAX_MEMORY, CPU_SECONDS)
    else:
        _limit("RLIMIT_CORE", 0)
    if sys.platform == "linux":
        _leave(_CLONE_NEWUSER | _CLONE_NEWNET)
    _forbid(_PROGRAMS)


def confine_child() -> None:
    """One document's process, beside what the worker is held to: little memory and time, no process of its own, and
    on Linux none to look into.
    """
    for name, value in (("CPU", CPU_SECONDS), ("FSIZE", _MAX_FILE), ("AS", MAX_MEMORY)):
        _limit(f"RLIMIT_{name}", value)
    if sys.platform == "linux":
        _leave(_CLONE_NEWUSER)
    _forbid(_PROCESSES)


def confine_writing(folder: Path) -> None:
    """One document's process: from here on it writes nothing outside this folder, and signals no other process, where
    Linux has Landlock for that. What it may read stays as it is: libraries load parts of themselves late.
    """
    if sys.platform == "linux":
        from bridge.formats import landlock

        landlock.write_only_in(folder)


def _limit(kind: str, value: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # the system's own limit is lower, or (macOS) it has none such
        resource.setrlimit(getattr(resource, kind), (value, value))


def _leave(spaces: int) -> None:
    """Into namespaces of its own, where users may make such (unshare(2)): a network without an interface; a user who
    has no say over processes outside (user_namespaces(7)). Not dumpable: nor has another child of this user's, who
    could look into its memory otherwise (ptrace(2)).
    """
    import ctypes

    library = ctypes.CDLL(None)
    library.unshare(spaces)
    library.prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def _forbid(events: tuple[str, ...]) -> None:
    def watch(event: str, _arguments: Any) -> None:
        if event.startswith(events):
            _refuse(event)

    sys.addaudithook(watch)


def _refuse(event: str) -> NoReturn:
    raise Forbidden(event)
