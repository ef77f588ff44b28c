"""What lay in a SQLite file before an upgrade, kept beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from portal.archive import backup
from portal.store import sqlite


def copied(database: Path, revision: str) -> Path:
    """A checked copy, made while others may read; where it lies. Raises backup.Unusable, OSError, StoreFault."""
    now = datetime.now(UTC)
    target = database.with_name(f"{database.name}.revision-{revision}-{now:%Y%m%dT%H%M%S%fZ}")
    with sqlite.faults():
        backup.save(database, target, lambda _done, _pages: None)
    return target
