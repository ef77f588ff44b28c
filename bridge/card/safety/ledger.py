"""What this PC remembers of PIN tries, so that a crash or a power cut never makes a spent try look unspent.

One small JSON file, replaced atomically and synced. An entry is opened before the login and closed after it; one that
is found open counts as a spent try until the card itself says otherwise (docs/threat-model.md, PIN-retry safety).
Entries are keyed by the SHA-256 of the card's certificate, one for each PIN (`cards.Found.card`): token serials may all
be zero.

A refused PIN is remembered as a keyed fingerprint (HMAC-SHA-256) whose key lives in the daemon's memory only: after the
daemon is gone, what stands in the file says nothing about the PIN. The fingerprint is written before the PIN is sent,
so that a host that is killed right after the refusal does not forget it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from bridge.card.safety.disk import Disk, OwnDisk

_MARKS_KEPT = 16


class LedgerBroken(Exception):
    """The file cannot be read or written; no PIN may be sent without it."""


class Mark(NamedTuple):
    """A PIN that the card refused."""

    fingerprint: str
    left: int | None
    """Tries left afterwards; None: the card tells no number."""


class Pending(NamedTuple):
    """A login that was begun and not closed."""

    fingerprint: str | None
    """None: typed on the reader."""
    left: int | None
    """Tries left before it; None: the card tells no number."""


class Entry(NamedTuple):
    failures: int = 0
    """Refused tries, and tries whose outcome was never learned, since the last success here."""
    pending: Pending | None = None
    unlocked: str = ""
    """Reader whose card may have been left in login state; empty: none."""
    marks: tuple[Mark, ...] = ()

    @property
    def spent(self) -> int:
        return self.failures + (self.pending is not None)

    def refused(self, left: int | None) -> Entry:
        """The pending login was refused, and the card then showed `left` tries."""
        fingerprint, before = self.pending or Pending(None, None)
        marks = self.marks
        if fingerprint is not None:
            kept = [mark for mark in marks if mark.fingerprint != fingerprint][1 - _MARKS_KEPT :]
            shown = before - 1 if left is None and before is not None else left
            marks = (*kept, Mark(fingerprint, shown))
        return self._replace(failures=self.failures + 1, pending=None, unlocked="", marks=marks)


class Ledger:
    """The file. Every change is on the disk when the call returns. Raises LedgerBroken."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self._path = path
        self._disk = disk or OwnDisk()

    def entry(self, card: str) -> Entry:
        return self._load().get(card, Entry())

    def begin(self, card: str, reader: str, pending: Pending) -> None:
        """Before the login: one more try may be spent, and the card may be left unlocked, from here on."""
        entry = self.entry(card)
        self._put(card, entry._replace(failures=entry.spent, pending=pending, unlocked=reader))

    def refused(self, card: str, left: int | None) -> None:
        """As wrong, by the card's own word; it then showed `left` tries."""
        self._put(card, self.entry(card).refused(left))

    def locked(self, card: str) -> None:
        """A locked card refuses every PIN: that says nothing about this one, which may be right once it is unlocked."""
        entry = self.entry(card)
        self._put(card, entry._replace(failures=entry.spent, pending=None, unlocked=""))

    def unspent(self, card: str) -> None:
        """The PIN never went to the card: refused for its form, or the person gave up at the reader's keys."""
        self._put(card, self.entry(card)._replace(pending=None, unlocked=""))

    def accepted(self, card: str) -> None:
        self._put(card, Entry(unlocked=self.entry(card).unlocked))

    def closed(self, card: str) -> None:
        """The login state on the card was ended."""
        self._put(card, self.entry(card)._replace(unlocked=""))

    def counted(self, card: str, left: int, maximum: int | None) -> None:
        """The card's own counter stands above what is remembered here."""
        entry = self.entry(card)
        if entry.pending is not None and entry.pending.left is not None and left < entry.pending.left:
            entry = entry.refused(left)._replace(unlocked=entry.unlocked)
        # A counter that rose met the right PIN: what was refused before that may be right again by now.
        marks = tuple(mark for mark in entry.marks if mark.left is None or left <= mark.left)
        rose = len(marks) < len(entry.marks)
        here = 0 if rose else entry.failures
        failures = here if maximum is None else max(0, maximum - left)
        self._put(card, entry._replace(failures=failures, pending=None, marks=marks))

    def unlocked(self) -> dict[str, str]:
        """Cards that a host may have left in login state: certificate hash → reader."""
        return {card: entry.unlocked for card, entry in self._load().items() if entry.unlocked}

    def _load(self) -> dict[str, Entry]:
        try:
            raw = json.loads(self._disk.read(self._path))
            return {card: _entry(fields) for card, fields in raw["cards"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise LedgerBroken(f"{self._path}: {error}") from error

    def _put(self, card: str, entry: Entry) -> None:
        entries = self._load()
        if entries.get(card, Entry()) == entry:
            return
        entries[card] = entry
        self._write(json.dumps({"v": 1, "cards": entries}, indent=1).encode())

    def _write(self, content: bytes) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            self._disk.write(fresh, content)
            self._disk.sync(fresh)
            self._disk.replace(fresh, self._path)
            self._disk.sync_directory(self._path.parent)
        except OSError as error:
            raise LedgerBroken(f"{self._path}: {error}") from error


def _entry(fields: list[Any]) -> Entry:
    failures, pending, unlocked, marks = fields
    begun = None if pending is None else Pending(None if pending[0] is None else str(pending[0]), _count(pending[1]))
    return Entry(int(failures), begun, str(unlocked), tuple(Mark(str(mark), _count(left)) for mark, left in marks))


def _count(raw: Any) -> int | None:
    return None if raw is None else int(raw)
