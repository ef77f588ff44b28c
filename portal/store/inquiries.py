"""問い合わせ番号 that people were told, and what stood behind them. Each function inside a caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from portal.store.database import Database
from portal.store.times import moment, text

KEPT = timedelta(days=90)  # as long as somebody may still call about one


class Cause(NamedTuple):
    """What was refused: its code, the address as the route table knows it, the log's fact, whose visit it was.

    `certificate_sha256` is empty before a login.
    """

    inquiry: str
    code: str
    path: str
    fact: str
    certificate_sha256: str
    category: str


def note(db: Database, line: Cause, now: datetime) -> None:
    """Keeps one, and takes away those that nobody calls about any more."""
    db.execute("DELETE FROM inquiries WHERE at <= ?", (text(now - KEPT),))
    number, *rest = line
    query = "INSERT INTO inquiries VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (inquiry) DO NOTHING"
    db.execute(query, (number, text(now), *rest))


def find(db: Database, number: str) -> tuple[Cause, datetime] | None:
    """What is known of a number, and when it was told."""
    query = "SELECT inquiry, code, path, fact, certificate_sha256, category, at FROM inquiries WHERE inquiry = ?"
    row = db.execute(query, (number,)).fetchone()
    return None if row is None else (Cause(*row[:6]), moment(row[6]))
