"""Writing the record: one line a call, by whichever of this user's bridges, on top of whatever the last one left.

A line is handed to the operating system whole before `append` returns, so that it outlives this process; `sync` makes
it outlive the computer's power. What a power cut left half written stays where it is, and the next line says how many
bytes of what hash that are: nothing is ever taken out of a file (docs/decisions/0018-audit-record.md).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bridge.audit import chain
from bridge.audit.chain import START, Facts, Head, Line
from bridge.audit.folder import Folder, Held, NotWritten, Part

VERSION = 1
FILE_BYTES = 1 << 20
"""A file that is longer, or of an earlier month, is followed by another."""
SPARE_BYTES = 1 << 20
"""So much has to be free on the disk before a person is asked for a signature."""

__all__ = ["FILE_BYTES", "Held", "NotWritten", "Record"]


class _End(NamedTuple):
    """Where the next line goes."""

    part: Part
    """The last file; number 0: there is none."""
    month: str
    """Of its first line, "2026-11"; empty: it has none."""
    head: Head
    whole: bool
    """Whether it ends in a line feed."""
    rest: bytes
    """What stands in it behind the last line that can be read."""


class Record:
    def __init__(
        self, path: Path, now: Callable[[], datetime], keep_days: int = 0, file_bytes: int = FILE_BYTES
    ) -> None:
        """`keep_days`: how long lines are kept at least; 0: for good."""
        self._folder = Folder(path)
        self._now = now
        self._keep_days = keep_days
        self._file_bytes = file_bytes
        self._end: _End | None = None
        self._file: int | None = None
        """Descriptor of the last file."""
        self._unsynced: set[int] = set()

    def append(self, event: str, facts: Facts) -> Line:
        """Raises Held while another program writes, NotWritten."""
        with self._failures():
            if self._end is None:
                self._folder.make()
            with self._folder.locked():
                return self._append(event, facts)

    def ready(self) -> None:
        """Whether a line could be written now, as far as can be seen without writing one. Raises NotWritten."""
        with self._failures():
            if self._file is None:
                self._look_in()
            else:
                self._folder.check(self._file, self._known().part.number)
            if shutil.disk_usage(self._folder.path).free < SPARE_BYTES:
                raise NotWritten(f"{self._folder.path}: {os.strerror(errno.ENOSPC)}")

    def unsynced(self) -> frozenset[int]:
        """Files that were written to since this was asked last."""
        numbers, self._unsynced = frozenset(self._unsynced), set()
        return numbers

    def sync(self, numbers: frozenset[int]) -> None:
        """What was appended to these files outlives a power cut from here on. Takes its time: in a thread, if wanted.

        Raises OSError.
        """
        for number in sorted(numbers):
            with contextlib.suppress(FileNotFoundError):
                _sync(self._folder.file(number))
        if numbers and os.name != "nt":
            _sync(self._folder.path)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = self._end = None
        self._folder.close()

    def _look_in(self) -> None:
        """Before anything was written in this life."""
        self._folder.make()
        if numbers := self._folder.numbers():
            os.close(self._folder.open(numbers[-1]))
        if not os.access(self._folder.path, os.W_OK):
            raise NotWritten(f"{self._folder.path}: {os.strerror(errno.EACCES)}")

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise NotWritten(f"{self._folder.path}: {error.strerror or type(error).__name__}") from error

    def _append(self, event: str, facts: Facts) -> Line:
        end = self._end = self._look()
        if end.rest:
            self._put("unreadable", {"bytes": len(end.rest), "sha256": hashlib.sha256(end.rest).hexdigest()})
        if self._is_full(end):
            self._begin(end.part.number + 1)
        elif not end.part.size:
            self._put("file", {"v": VERSION})
        return self._put(event, facts)

    def _look(self) -> _End:
        """Where the next line goes: where our last one ended, unless somebody wrote or took away since."""
        known = self._end
        if known is not None and self._file is not None and self._is_as_left(self._file, known.part):
            return known
        found = self._find()
        # Lines of ours that are no longer there are missing, and the next one shows it by what it follows.
        return (
            found._replace(head=known.head) if known is not None and known.head.number >= found.head.number else found
        )

    def _is_as_left(self, file: int, part: Part) -> bool:
        found = self._folder.check(file, part.number)
        try:
            same = os.path.samestat(os.stat(self._folder.name(part.number)), found)  # noqa: PTH116 - without a Path
        except FileNotFoundError:
            return False
        follower = self._folder.name(part.number + 1)
        return same and found.st_size == part.size and not os.path.exists(follower)  # noqa: PTH110 - likewise

    def _find(self) -> _End:
        """The end of the last file, read from the disk."""
        self._leave_file()
        numbers = self._folder.numbers()
        if not numbers:
            return _End(Part(0, 0), "", START, whole=True, rest=b"")
        self._file = self._folder.open(numbers[-1])
        part = Part(numbers[-1], os.fstat(self._file).st_size)
        raw = self._folder.read(part)
        line, rest = _last_line(raw)
        if line is None:
            line = self._last_before(numbers[:-1])
        first = _first_line(raw)
        month = first.at[:7] if first is not None else ""
        head = START if line is None else line.head
        return _End(part, month, head, whole=not raw or raw.endswith(b"\n"), rest=rest)

    def _last_before(self, numbers: list[int]) -> Line | None:
        """The last line of these files that can be read; one that is missing has none."""
        for number in reversed(numbers):
            with contextlib.suppress(FileNotFoundError):
                line, _ = _last_line(self._folder.file(number).read_bytes())
                if line is not None:
                    return line
        return None

    def _is_full(self, end: _End) -> bool:
        over = end.part.size >= self._file_bytes or end.month not in ("", self._stamp()[:7])
        return end.part.number == 0 or (over and end.part.size > 0)

    def _begin(self, number: int) -> None:
        """The next file; older ones whose time is over go, and a line says up to where."""
        self._leave_file()
        self._file = self._folder.open(number, fresh=True)
        self._end = self._known()._replace(part=Part(number, 0), month="", whole=True, rest=b"")
        self._put("file", {"v": VERSION})
        if self._keep_days and (before := self._last_before([number - 1])) is not None:
            # By the record's own time: a clock that is wrong for an hour must not empty it.
            newest = min(datetime.fromisoformat(before.at), self._now())
            self._drop(range(number), _stamp(newest - timedelta(days=self._keep_days)))

    def _drop(self, numbers: Collection[int], limit: str) -> None:
        """Those files, from the oldest on, that end before `limit`."""
        for number in self._folder.numbers():
            last = self._last_before([number]) if number in numbers else None
            if last is None or last.at >= limit:
                return
            self._put("dropped", {"through": last.number, "last": last.hash})
            with contextlib.suppress(OSError):  # Windows keeps what another bridge has open: the next file's turn
                self._folder.file(number).unlink()

    def _put(self, event: str, facts: Facts) -> Line:
        """One write; what does not fit is taken back, and nothing has happened."""
        end = self._known()
        raw, line = chain.seal(end.head, self._stamp(), event, facts)
        raw = raw if end.whole else b"\n" + raw
        if self._file is None:
            raise NotWritten(f"{self._folder.path}: no file")
        written = -1
        try:
            written = os.write(self._file, raw)
        finally:
            if written != len(raw):
                os.ftruncate(self._file, end.part.size)
        if written != len(raw):
            raise NotWritten(f"{self._folder.path}: {os.strerror(errno.ENOSPC)}")
        self._unsynced.add(end.part.number)
        part = Part(end.part.number, end.part.size + len(raw))
        self._end = _End(part, end.month or line.at[:7], line.head, whole=True, rest=b"")
        return line

    def _known(self) -> _End:
        if self._end is None:
            raise NotWritten(f"{self._folder.path}: no end")
        return self._end

    def _leave_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _stamp(self) -> str:
        return _stamp(self._now())


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _first_line(raw: bytes) -> Line | None:
    with contextlib.suppress(chain.Malformed):
        return chain.unseal(raw.partition(b"\n")[0])
    return None


def _last_line(raw: bytes) -> tuple[Line | None, bytes]:
    """The last line that can be read, and all bytes behind it."""
    end = len(raw)
    while end > 0:
        begin = raw.rfind(b"\n", 0, end - 1) + 1
        with contextlib.suppress(chain.Malformed):
            return chain.unseal(raw[begin:end].removesuffix(b"\n")), raw[end:]
        end = begin
    return None, raw


def _sync(path: Path) -> None:
    # Windows syncs through a descriptor that may write, and no other.
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
