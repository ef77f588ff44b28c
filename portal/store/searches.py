"""Searches that found nothing, counted per card. Each function inside a caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from portal.refusals import SearchLimited
from portal.store.database import Database
from portal.store.rows import Owner
from portal.store.times import moment, text

_CLOCKS_DIFFER = timedelta(minutes=1)  # of portals on one database


class SearchAttempt(NamedTuple):
    """A search that was counted: its row, and how many more may find nothing."""

    id: int
    left: int


def attempt(db: Database, owner: Owner, limit: int, span: timedelta, now: datetime) -> SearchAttempt:
    """Counts one more search of a card, whatever its 区分. Raises SearchLimited: at most `limit` in every `span`."""
    card = owner.certificate_sha256
    # What lies ahead was counted by a clock that was put back since, and would count for longer than the span.
    db.execute("DELETE FROM searches WHERE at <= ? OR at > ?", (text(now - span), text(now + _CLOCKS_DIFFER)))
    rows = db.execute("SELECT at FROM searches WHERE certificate_sha256 = ? ORDER BY at", (card,)).fetchall()
    if len(rows) >= limit:
        (oldest,) = rows[-limit]
        raise SearchLimited(moment(oldest) + span)
    query = "INSERT INTO searches (certificate_sha256, at) VALUES (?, ?) RETURNING id"
    (made,) = db.execute(query, (card, text(now))).fetchone()
    return SearchAttempt(made, limit - len(rows) - 1)


def forgive(db: Database, made: SearchAttempt) -> None:
    """Takes a search that found something out of the count."""
    db.execute("DELETE FROM searches WHERE id = ?", (made.id,))
