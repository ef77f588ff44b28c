"""What this PC remembers of PIN tries, so that a crash or a power cut never makes a spent try look unspent.

One small JSON file, replaced atomically and synced. An entry is opened before the login and closed after it; one that
is found open counts as a spent try until the card itself says otherwise (docs/threat-model.md, PIN-retry safety).
Entries are keyed by the SHA-256 of the card's certificate: token serials may all be zero.

A refused PIN is remembered as a keyed fingerprint (HMAC-SHA-256) whose key lives in the daemon's memory only: after the
daemon is gone, what stands in the file says nothing about the PIN.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

_FINGERPRINTS_KEPT = 15


class LedgerBroken(Exception):
    """The file cannot be read or written; no PIN may be sent without it."""


class Entry(NamedTuple):
    failures: int = 0
    """Refused tries, and tries whose outcome was never learned, since the last success here."""
    pending: bool = False
    """A login was begun and not closed."""
    unlocked: str = ""
    """Reader whose card was left in login state; empty: none."""
    fingerprints: tuple[tuple[str, int | None], ...] = ()
    """PINs that the card refused, and the count that it then showed: (hex, tries left or None)."""

    @property
    def spent(self) -> int:
        return self.failures + self.pending


class Ledger:
    """The file. Every change is on the disk when the call returns. Raises LedgerBroken."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entry(self, card: str) -> Entry:
        return self._load().get(card, Entry())

    def begin(self, card: str) -> None:
        """Before the login: one more try may be spent from here on."""
        entry = self.entry(card)
        self._put(card, entry._replace(failures=entry.spent, pending=True))

    def refused(self, card: str, fingerprint: str, tries_left: int | None) -> None:
        entry = self.entry(card)
        kept = tuple(known for known in entry.fingerprints if known[0] != fingerprint)[-_FINGERPRINTS_KEPT:]
        marks = (*kept, (fingerprint, tries_left))
        self._put(card, Entry(entry.failures + 1, pending=False, unlocked=entry.unlocked, fingerprints=marks))

    def unspent(self, card: str) -> None:
        """The card itself said that the login cost no try (refused for its form, or the card was not there)."""
        self._put(card, self.entry(card)._replace(pending=False))

    def accepted(self, card: str, reader: str) -> None:
        self._put(card, Entry(unlocked=reader))

    def closed(self, card: str) -> None:
        """The login state on the card was ended."""
        self._put(card, self.entry(card)._replace(unlocked=""))

    def counted(self, card: str, tries_left: int, maximum: int) -> None:
        """The card's own counter stands above what is remembered here."""
        self._put(card, self.entry(card)._replace(failures=max(0, maximum - tries_left), pending=False))

    def unlocked(self) -> dict[str, str]:
        """Cards that a host left in login state: certificate hash → reader."""
        return {card: entry.unlocked for card, entry in self._load().items() if entry.unlocked}

    def _load(self) -> dict[str, Entry]:
        try:
            raw = json.loads(self._path.read_bytes())
            return {card: _entry(fields) for card, fields in raw["cards"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
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
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            _sync_directory(self._path.parent)
        except OSError as error:
            raise LedgerBroken(f"{self._path}: {error}") from error


def _entry(fields: list[Any]) -> Entry:
    failures, pending, unlocked, marks = fields
    fingerprints = tuple((str(mark), None if count is None else int(count)) for mark, count in marks)
    return Entry(int(failures), bool(pending), str(unlocked), fingerprints)


def _sync_directory(directory: Path) -> None:
    """Make the rename itself durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
