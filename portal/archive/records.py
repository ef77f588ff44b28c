"""Stored statements as they are judged again: from a database, or from the folder that `export` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from portal.store.database import Database

_STATEMENT = "SELECT type, nonce, cms, evidence, certificate_sha256, verified_at FROM statements WHERE sha256 = ?"


class Record(NamedTuple):
    """One statement with what the portal wrote down of it. `acts`: sections of the history's lines that rest on it."""

    sha256: str
    type: str
    nonce: str
    cms: bytes
    evidence: Mapping[str, Any]
    certificate_sha256: str
    verified_at: str
    acts: tuple[Any, ...]


class Source(Protocol):
    """Where records lie."""

    def count(self) -> int: ...

    def records(self) -> Iterator[Record]:
        """In order of their verification, or of their names. Raises OSError, ValueError, StoreFault."""
        ...

    def data(self, sha256: str) -> bytes | None:
        """The list or response (DER) that evidence names; None: it is not here."""
        ...


class Stored:
    """A store's own database, or a backup of it; only read. Statements one by one: all together may be gigabytes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM statements").fetchone()[0])

    def records(self) -> Iterator[Record]:
        for (sha256,) in self._db.execute("SELECT sha256 FROM statements ORDER BY verified_at, sha256").fetchall():
            row = self._db.execute(_STATEMENT, (sha256,)).fetchone()
            kind, nonce, cms, evidence, certificate, at = row
            yield Record(sha256, kind, nonce, cms, json.loads(evidence), certificate, at, self._acts(sha256))

    def lists(self) -> Iterator[tuple[str, bytes]]:
        """Every list and response (DER) that evidence names, by its name."""
        for (sha256,) in self._db.execute("SELECT sha256 FROM revocation_lists ORDER BY sha256").fetchall():
            yield sha256, self.data(sha256) or b""

    def data(self, sha256: str) -> bytes | None:
        row = self._db.execute("SELECT der FROM revocation_lists WHERE sha256 = ?", (sha256,)).fetchone()
        return None if row is None else bytes(row[0])

    def _acts(self, statement: str) -> tuple[Any, ...]:
        rows = self._db.execute("SELECT sections FROM history WHERE statement = ? ORDER BY id", (statement,))
        return tuple(json.loads(sections) for (sections,) in rows)


class Folder:
    """What `export` wrote: `statements/ab/ab….p7m` beside `.json`, `lists/….der`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._statements = sorted(root.glob("statements/*/*.p7m"))

    def count(self) -> int:
        return len(self._statements)

    def records(self) -> Iterator[Record]:
        for path in self._statements:
            said = json.loads(path.with_suffix(".json").read_bytes())
            yield Record(cms=path.read_bytes(), sha256=path.stem, **said | {"acts": tuple(said["acts"])})

    def data(self, sha256: str) -> bytes | None:
        path = self._root / "lists" / f"{sha256}.der"
        return path.read_bytes() if path.is_file() else None
