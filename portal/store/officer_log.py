"""The officers' log: written on, never changed (the schema's triggers). Each function inside a caller's transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from portal.store.officer_rows import Line
from portal.store.times import text


def note(db: sqlite3.Connection, line: Line, now: datetime) -> None:
    """One more line."""
    db.execute(
        "INSERT INTO officer_log (at, officer, who, act, reception, before, after, reason, statement)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (text(now), *line),
    )
