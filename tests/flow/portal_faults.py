"""What can fail beneath a portal that runs as a program; each lasts as long as it is entered."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from tests.flow.portal_program import Program

Holds = Callable[[Program], AbstractContextManager[None]]


PATIENCE = 30.0  # seconds for which the portal waits for another program's lock
_LOCKED_SECONDS = float(os.environ.get("LOCKED_SECONDS", "1"))
_STOPPED_SECONDS = float(os.environ.get("STOPPED_SECONDS", "1"))


class Fault(NamedTuple):
    """`shows`: somebody is told no, or nothing, while it lasts; else people wait. It lasts at least `seconds`."""

    name: str
    holds: Holds
    shows: bool
    seconds: float = 0.0


_LOCK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def _locked(program: Program) -> Iterator[None]:
    """A transaction of another program, which is killed in it."""
    command = (sys.executable, "-c", _LOCK, str(_database(program)))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield
        other.kill()


@contextlib.contextmanager
def _moved(program: Program) -> Iterator[None]:
    """Gone and back: the file renamed under a program that has it open."""
    place = _database(program)
    away = place.rename(place.with_name("away.sqlite3"))
    yield
    away.rename(place)


@contextlib.contextmanager
def _another(program: Program) -> Iterator[None]:
    """An older copy put in its place, the portal not ended first."""
    place = _database(program)
    away = place.rename(place.with_name("away.sqlite3"))
    shutil.copyfile(away, place)
    yield
    away.replace(place)


@contextlib.contextmanager
def _broken(program: Program) -> Iterator[None]:
    """Every write into a file fails (EFBIG, which SQLite knows as no more than an input/output error)."""
    with _limited(program, resource.RLIMIT_FSIZE, 1):
        yield


@contextlib.contextmanager
def _stopped(program: Program) -> Iterator[None]:
    program.process.send_signal(signal.SIGSTOP)
    yield
    program.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def _without_descriptors(program: Program) -> Iterator[None]:
    """No connection and no file can be opened beside those that are."""
    with _limited(program, resource.RLIMIT_NOFILE, 1):
        yield


@contextlib.contextmanager
def _without_memory(program: Program) -> Iterator[None]:
    """The address space that it has, and none beside it."""
    pages = int(Path(f"/proc/{program.process.pid}/statm").read_text().split()[0])
    with _limited(program, resource.RLIMIT_AS, pages * os.sysconf("SC_PAGE_SIZE")):
        yield


@contextlib.contextmanager
def _limited(program: Program, what: int, limit: int) -> Iterator[None]:
    before, hard = resource.prlimit(program.process.pid, what)
    resource.prlimit(program.process.pid, what, (limit, hard))
    yield
    resource.prlimit(program.process.pid, what, (before, hard))


def _database(program: Program) -> Path:
    return program.made.root / "portal.sqlite3"


FAULTS = (
    Fault("a lock of another program", _locked, shows=_LOCKED_SECONDS > PATIENCE, seconds=_LOCKED_SECONDS),
    Fault("a database moved away", _moved, shows=True),
    Fault("another database in its place", _another, shows=True),
    Fault("a disk that takes nothing", _broken, shows=True),
    Fault("a stopped process", _stopped, shows=False, seconds=_STOPPED_SECONDS),
    Fault("no descriptors", _without_descriptors, shows=True),
    Fault("no memory", _without_memory, shows=False, seconds=1.0),
)
