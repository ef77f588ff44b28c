"""Companies: a 企業ID with what is in force for all its cards. Each function inside a caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from portal.store import history, terms
from portal.store.database import Database
from portal.store.rows import Contractor, State
from portal.store.texts import written
from portal.store.times import text


def find(db: Database, number: str, category: str) -> str | None:
    """The 企業ID of a 業者番号, if it has one."""
    query = "SELECT company_id FROM companies WHERE number = ? AND category = ?"
    row = db.execute(query, (number, category)).fetchone()
    return None if row is None else str(row[0])


def found(
    db: Database,
    contractor: Contractor,
    category: str,
    prefix: str,
    form: Mapping[str, str] | None,
    now: datetime,
) -> str:
    """A new 企業ID: the prefix and 12 digits of a sequence that never repeats. `form`: already in force, if any is."""
    (sequence,) = db.execute("INSERT INTO company_ids (company_id) VALUES (NULL) RETURNING number").fetchone()
    company_id = f"{prefix}{sequence:012d}"
    db.execute("UPDATE company_ids SET company_id = ? WHERE number = ?", (company_id, sequence))
    in_force, when = ("{}", "{}") if form is None else _in_force(contractor, form), text(now)
    row = (company_id, contractor.number, category, *in_force, "", "", when, when)
    db.execute("INSERT INTO companies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    terms.add(db, company_id, contractor.number, contractor.name)
    return company_id


def put_in_force(db: Database, company_id: str, contractor: Contractor, form: Mapping[str, str], now: datetime) -> None:
    """The qualification data and the company's own fields of a form become those of all its cards."""
    row = (*_in_force(contractor, form), text(now), company_id)
    db.execute("UPDATE companies SET contractor = ?, form = ?, changed = ? WHERE company_id = ?", row)
    terms.put(db, company_id, contractor.number, contractor.name)


def _in_force(contractor: Contractor, form: Mapping[str, str]) -> tuple[str, str]:
    own = {name: value for name, value in form.items() if not name.startswith("card_")}
    return written(contractor._asdict()), written(own)


def registered_contacts(db: Database, number: str, category: str) -> tuple[str, ...]:
    """The mail addresses of a 業者番号's accepted cards, the company's first; none: nobody is registered for it.

    One that was stopped counts: a stop does not leave the number to whoever comes next.
    """
    rows = db.execute(
        "SELECT c.form, r.form FROM registrations r JOIN companies c ON c.company_id = r.company_id"  # noqa: S608 - our own
        " WHERE c.number = ? AND c.category = ? AND r.state IN (?, ?)"
        f" ORDER BY r.created, {history.FIRST}",
        (number, category, State.REGISTERED, State.STOPPED),
    ).fetchall()
    shared = [json.loads(company)["contact_mail"] for company, _ in rows[:1]]
    return (*shared, *(json.loads(card)["card_mail"] for _, card in rows))
