"""The folder of the record: numbered files of JSON lines, and the lock that whoever writes holds for a moment."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_FLAGS = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class NotWritten(Exception):
    """The record cannot be written or believed; the text names the file and says why."""


class Held(Exception):
    """Another program is writing at this moment."""


class Part(NamedTuple):
    """One file as it was when it was looked at; what was in it then stays as it is."""

    number: int
    size: int


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def file(self, number: int) -> Path:
        return Path(self.name(number))

    def name(self, number: int) -> str:
        """Of a file, in full: a line is written faster without a Path."""
        return f"{self.path}{os.sep}{number:06}.jsonl"

    def numbers(self) -> list[int]:
        """Of the files that are there, in their order. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            names = [path.stem for path in self.path.iterdir() if path.suffix == ".jsonl"]
            return sorted(int(name) for name in names if name.isascii() and name.isdigit())
        return []

    def open(self, number: int, *, fresh: bool = False) -> int:
        """For reading and appending; `fresh`: make it. Raises OSError, NotWritten."""
        descriptor = os.open(self.name(number), _FLAGS | (os.O_CREAT | os.O_EXCL if fresh else 0), 0o600)
        try:
            self.check(descriptor, number)
        except NotWritten:
            os.close(descriptor)
            raise
        return descriptor

    def check(self, descriptor: int, number: int) -> os.stat_result:
        """What another user can write says nothing. Raises OSError, NotWritten."""
        found = os.fstat(descriptor)
        _require_own(found, self.name(number))
        return found

    def make(self) -> None:
        """Raises OSError, NotWritten."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        _require_own(self.path.stat(), self.path)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Alone with the folder. Never waits: raises Held, and OSError where nothing can be locked."""
        if self._lock is None:
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        _lock(self._lock)
        try:
            yield
        finally:
            _unlock(self._lock)

    def parts(self) -> list[Part]:
        """Raises OSError."""
        return [Part(number, self.file(number).stat().st_size) for number in self.numbers()]

    def read(self, part: Part) -> bytes:
        """Raises OSError."""
        with self.file(part.number).open("rb") as file:
            return file.read(part.size)

    def exposed(self) -> Path | None:
        """What another user than the folder's owner could have written, if anything. Raises OSError."""
        owner = self.path.stat().st_uid
        for path in (self.path, *map(self.file, self.numbers())):
            with contextlib.suppress(FileNotFoundError):
                if not _is_of(path.stat(), owner):
                    return path
        return None

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise Held from error

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

    def _is_of(found: os.stat_result, owner: int) -> bool:
        return True  # the folder's access list sees to it

    def _user() -> int:
        return 0

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Held from error

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _is_of(found: os.stat_result, owner: int) -> bool:
        return found.st_uid == owner and not found.st_mode & 0o022

    def _user() -> int:
        return os.getuid()


def _require_own(found: os.stat_result, path: Path | str) -> None:
    if not _is_of(found, _user()):
        raise NotWritten(f"{path}: others than its owner can write it")
