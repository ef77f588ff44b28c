"""What was done to registrations, one line per accepted act; nothing is ever taken out.

Each function inside a caller's transaction.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from portal.store.database import Database
from portal.store.rows import Act, Event, Owner, State
from portal.store.texts import written
from portal.store.times import moment, text

FIRST = (
    "(SELECT min(h.id) FROM history h"
    " WHERE (h.certificate_sha256, h.company_id) = (r.certificate_sha256, r.company_id))"
)
"""The first act on a registration `r`: what its 受付番号 counts, and its place among those of one moment."""


def note(db: Database, owner: Owner, act: Act, now: datetime) -> int:
    """One more line, and its place: the card's registration as it stands now, with the statement that it rests on."""
    (place,) = db.execute(
        "INSERT INTO history (at, company_id, certificate_sha256, act, state, statement, sections)"
        " SELECT ?, company_id, certificate_sha256, ?, state, statement, sections FROM registrations"
        " WHERE certificate_sha256 = ? AND category = ? RETURNING id",
        (text(now), act, *owner),
    ).fetchone()
    return int(place)


def note_signed(db: Database, owner: Owner, act: Act, statement: str, sections: list[Any], now: datetime) -> None:
    """One more line: what this card itself signed, where that is not what its registration now says."""
    db.execute(
        "INSERT INTO history (at, company_id, certificate_sha256, act, state, statement, sections)"
        " SELECT ?, company_id, certificate_sha256, ?, state, ?, ? FROM registrations"
        " WHERE certificate_sha256 = ? AND category = ?",
        (text(now), act, statement, written(sections), *owner),
    )


def first(db: Database, certificate_sha256: str, company_id: str) -> int:
    """The place of a card's first act for a company, which its 受付番号 counts."""
    query = "SELECT min(id) FROM history WHERE company_id = ? AND certificate_sha256 = ?"
    (place,) = db.execute(query, (company_id, certificate_sha256)).fetchone()
    return int(place)


def of_company(db: Database, company_id: str) -> list[Event]:
    """What was done to a company's registrations, oldest first."""
    rows = db.execute(
        "SELECT at, certificate_sha256, act, state, statement, sections FROM history WHERE company_id = ? ORDER BY id",
        (company_id,),
    )
    return [
        Event(moment(at), certificate, Act(act), State(state), statement, json.loads(sections))
        for at, certificate, act, state, statement, sections in rows
    ]
