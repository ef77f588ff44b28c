"""The origins that the person allowed: one small file that the daemon and `card-bridge origins` share.

`{"v": 1, "origins": {"https://portal.example": {"at": "2026-11-25T03:15:55Z", "run": ""}}}`, replaced atomically, for
its owner alone. `run` names the daemon that a "once" was given to and is empty otherwise. The file is read again
whenever it has changed, so that a grant taken back in a terminal counts at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bridge import logs
from bridge.gate.origins import NotKept
from bridge.origin import is_acceptable

_MAX_BYTES = 1 << 20


class Grant(NamedTuple):
    at: str
    """RFC 3339, in UTC."""
    run: str = ""
    """Of which daemon's life; empty: for good."""


class _Version(NamedTuple):
    """By what a file is known that was replaced, written to or given other permissions."""

    inode: int
    modified: int
    changed: int
    size: int


class Grants:
    def __init__(self, path: Path, now: Callable[[], datetime], run: str = "") -> None:
        """`run`: a name that no other daemon has; empty: no "once" counts here."""
        self._path, self._now, self._run = path, now, run
        self._version: _Version | None = None
        self._valid: frozenset[str] = frozenset()

    def origins(self) -> frozenset[str]:
        """What is granted now. A file that cannot be believed grants nothing, and the log says so once."""
        version = self._look()
        if version != self._version:
            self._version, self._valid = version, frozenset()
            try:
                self._valid = frozenset(origin for origin, grant in self.read().items() if grant.run in ("", self._run))
            except NotKept:
                logs.warning("grants_not_readable")
        return self._valid

    def read(self) -> dict[str, Grant]:
        """The file as it is now. Raises NotKept."""
        try:
            with self._path.open("rb") as file:
                _check_owner(os.fstat(file.fileno()))
                return _parse(file.read(_MAX_BYTES + 1))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise NotKept(f"{self._path}: {error}") from error

    def allow(self, origin: str, *, once: bool) -> None:
        """Raises NotKept; what is in the file stays as it is then."""
        stamp = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._changing() as known:
            known[origin] = Grant(stamp, self._run if once else "")

    def revoke(self, origin: str) -> None:
        """Raises NotKept."""
        with self._changing() as known:
            known.pop(origin, None)

    def forget_once(self) -> None:
        """At the daemon's start and end: what was allowed "once" is over. Raises NotKept."""
        if any(grant.run for grant in self.read().values()):
            with self._changing() as known:
                for origin in [origin for origin, grant in known.items() if grant.run]:
                    del known[origin]

    def _look(self) -> _Version | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return _Version(found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Grant]]:
        """The grants, written when they were changed; one program at a time. Raises NotKept."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600), "wb") as lock:
                _lock(lock.fileno())
                known = self.read()
                yield known
                self._write(known)
        except OSError as error:
            raise NotKept(f"{self._path}: {error.strerror}") from error

    def _write(self, known: dict[str, Grant]) -> None:
        fresh = self._path.with_suffix(".new")
        content = {"v": 1, "origins": {origin: grant._asdict() for origin, grant in sorted(known.items())}}
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(json.dumps(content, indent=1).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def _lock(descriptor: int) -> None:
    """Until the descriptor is closed. Raises OSError."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _check_owner(found: os.stat_result) -> None:
    """On Windows the folder's access list says it; elsewhere whoever can write here decides who may call."""
    if sys.platform != "win32" and (found.st_uid != os.getuid() or found.st_mode & 0o022):
        raise ValueError("others than its owner can write it")


def _parse(raw: bytes) -> dict[str, Grant]:
    if len(raw) > _MAX_BYTES:
        raise ValueError("too long")
    content: Any = json.loads(raw)
    match content:
        case {"v": 1, "origins": dict(origins), **rest} if not rest:
            return {origin: _grant(origin, entry) for origin, entry in origins.items()}
    raise ValueError("not a list of origins")


def _grant(origin: str, entry: Any) -> Grant:
    match entry:
        case {"at": str(at), "run": str(run), **rest} if not rest and is_acceptable(origin, development=True):
            return Grant(at, run)
    raise ValueError("not a grant")
