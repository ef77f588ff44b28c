"""Registrations as officers look for them, and the evidence under one. Queries only."""

from __future__ import annotations

import json

from portal.store import registrations, terms
from portal.store.database import Database
from portal.store.officer_rows import Found, Kept
from portal.store.rows import Event, Owner, Registration, State
from portal.store.times import moment

_FIRST = (
    "SELECT min(h.id) FROM history h WHERE h.certificate_sha256 = r.certificate_sha256 AND h.company_id = r.company_id"
)
_ROW = f"SELECT ({_FIRST}), r.company_id, r.category, c.number, r.contractor, r.sections, r.state, r.created, r.changed"
_FROM = " FROM registrations r JOIN companies c ON c.company_id = r.company_id WHERE "
_TERM = "term >= ? AND term < ?"
_AMONG = f"r.company_id IN (SELECT company_id FROM company_terms WHERE {_TERM})"  # noqa: S608 - our own
_HAS = f"EXISTS (SELECT 1 FROM company_terms t WHERE t.company_id = r.company_id AND {_TERM})"  # noqa: S608 - our own
MANY = 1000
"""Companies: words that fit more are looked for along the registrations, newest first, and not counted to the end."""
_ALL = 2**62  # a LIMIT that is none


def search(db: Database, words: str, state: State | None, offset: int, limit: int) -> tuple[list[Found], int, bool]:
    """Registrations, newest first, whose 企業ID or 業者番号 begins so or whose 商号 holds the words.

    With them how many there are, at most MANY where the words fit more companies than that; then True.
    """
    conditions, values = ["1 = 1"], list[str | int]()
    many = bool(words) and _fits_many(db, words)
    if words:
        conditions, values = [_HAS if many else _AMONG], list(terms.span(words))
    if state is not None:
        conditions, values = [*conditions, "r.state = ?"], [*values, state]
    where = " AND ".join(conditions)
    order = f"{_ROW}{_FROM}{where} ORDER BY r.created DESC, r.certificate_sha256 LIMIT ? OFFSET ?"
    rows = [_found(*row) for row in db.execute(order, (*values, limit, offset))]
    if many and state is None:  # each of those companies has a registration
        return rows, MANY, True
    counted = f"SELECT 1 FROM registrations r WHERE {where} LIMIT ?"  # noqa: S608 - our own
    most = MANY + 1 if many else _ALL
    (total,) = db.execute(f"SELECT count(*) FROM ({counted}) AS counted", (*values, most)).fetchone()  # noqa: S608 - our own
    return rows, min(total, MANY) if many else total, many and total > MANY


def _fits_many(db: Database, words: str) -> bool:
    query = f"SELECT count(*) FROM (SELECT DISTINCT company_id FROM company_terms WHERE {_TERM} LIMIT ?) AS found"  # noqa: S608 - our own
    (found,) = db.execute(query, (*terms.span(words), MANY + 1)).fetchone()
    return bool(found > MANY)


def waiting(db: Database) -> int:
    """How many registrations wait as 仮登録."""
    row = db.execute("SELECT count(*) FROM registrations WHERE state = ?", (State.PROVISIONAL,)).fetchone()
    return int(row[0])


def by_reception(db: Database, number: int) -> Registration | None:
    """The registration whose 受付番号 counts this number, whatever has become of it since."""
    row = db.execute(
        "SELECT r.certificate_sha256, r.category FROM history h JOIN registrations r"
        " ON r.certificate_sha256 = h.certificate_sha256 AND r.company_id = h.company_id WHERE h.id = ?",
        (number,),
    ).fetchone()
    found = registrations.find(db, Owner(*row)) if row is not None else None
    return found if found is not None and found.reception == registrations.reception(number) else None


def of_card(events: list[Event], registration: Registration) -> list[Event]:
    """What was done to this registration, of all that was done to its company's."""
    return [each for each in events if each.certificate_sha256 == registration.certificate_sha256]


def statement(db: Database, sha256: str) -> Kept | None:
    row = db.execute(
        "SELECT sha256, type, cms, evidence, verified_at FROM statements WHERE sha256 = ?", (sha256,)
    ).fetchone()
    return None if row is None else Kept(row[0], row[1], row[2], row[3], moment(row[4]))


def _found(
    received: int,
    company_id: str,
    category: str,
    number: str,
    contractor: str,
    sections: str,
    state: str,
    created: str,
    changed: str,
) -> Found:
    name, holder = json.loads(contractor)["name"], _holder(sections)
    number_of = registrations.reception(received)
    return Found(number_of, company_id, category, number, name, holder, State(state), moment(created), moment(changed))


def _holder(sections: str) -> str:
    lines = (line for section in json.loads(sections) for line in section["value"])
    return next((str(line["value"]) for line in lines if line["label"] == "ICカード取得者氏名"), "")
