"""What an archive keeps of a portal, in open forms: CMS as received, lists in DER, the rest as JSON.

`SHA256SUMS` names every file, so that `sha256sum --check` finds what was changed or lost without this software. No
passwords, drafts, visits or mails are in it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.archive.backup import Unusable
from portal.archive.records import Record, Stored
from portal.store.database import Database

SUMS = "SHA256SUMS"
_TABLES = {
    "companies": "SELECT company_id, number, category, contractor, form, created, changed FROM companies"
    " ORDER BY company_id",
    "registrations": "SELECT company_id, certificate_sha256, category, state, contractor, form, remarks, sections,"
    " issuer, serial, certificate, statement, successor, created, changed FROM registrations"
    " ORDER BY company_id, created, certificate_sha256",
    "history": "SELECT id, at, company_id, certificate_sha256, act, state, statement, sections FROM history"
    " ORDER BY id",
    "officers": "SELECT id, name, issuer, serial, certificate_sha256, added, removed FROM officers ORDER BY id",
    "officer_log": "SELECT id, at, officer, who, act, reception, before, after, reason, statement FROM officer_log"
    " ORDER BY id",
}
_JSON = frozenset({"contractor", "form", "remarks", "sections"})


class Export:
    """Writes one folder. It is not there before, and is complete only with `SHA256SUMS`, which comes last."""

    def __init__(self, folder: Path) -> None:
        """Raises Unusable, OSError."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, mode=0o700)
        except FileExistsError as error:
            raise Unusable(f"{folder}: is there already; an export is never written over") from error
        self._sums: dict[str, str] = {}

    def write(self, db: Database) -> Iterator[Record]:
        """Each record once its files are there. Raises OSError."""
        source = Stored(db)
        for name, query in _TABLES.items():
            self._put(Path(f"{name}.jsonl"), b"".join(_lines(db, query)))
        for record in source.records():
            self._statement(record)
            yield record
        for sha256, der in source.lists():
            self._put(Path("lists", f"{sha256}.der"), der)
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self._sums.items())]
        self._put(Path(SUMS), "".join(lines).encode())

    def _statement(self, record: Record) -> None:
        place = Path("statements", record.sha256[:2], record.sha256)
        said = {name: value for name, value in record._asdict().items() if name not in ("cms", "sha256")}
        self._put(place.with_suffix(".p7m"), record.cms)
        self._put(place.with_suffix(".json"), json.dumps(said, ensure_ascii=False, indent=1).encode())

    def _put(self, name: Path, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        self._sums[name.as_posix()] = hashlib.sha256(content).hexdigest()


def check(folder: Path) -> list[str]:
    """Names of files that are not what `SHA256SUMS` says, or that it does not name. Raises Unusable."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{folder}: no whole export ({SUMS}: {error})") from error
    wanted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SUMS}
    return sorted((there ^ set(wanted)) | {name for name in there & set(wanted) if _sum(folder / name) != wanted[name]})


def _sum(path: Path) -> str:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""


def _lines(db: Database, query: str) -> Iterator[bytes]:
    rows = db.execute(query)
    names = [each[0] for each in rows.description or ()]
    for row in rows:
        said = {name: _plain(name, value) for name, value in zip(names, row, strict=True)}
        yield json.dumps(said, ensure_ascii=False).encode() + b"\n"


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return json.loads(value) if name in _JSON else value
