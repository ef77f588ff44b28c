"""The officers' log: written on, never changed (the schema's triggers). Each function inside a caller's transaction."""

from __future__ import annotations

from datetime import datetime

from portal.store.database import Database
from portal.store.officer_rows import Line, Logged, OfficerAct
from portal.store.times import moment, text

_SELECT = "SELECT id, at, who, act, reception, before, after, reason, statement FROM officer_log"


def note(db: Database, line: Line, now: datetime) -> None:
    """One more line."""
    db.execute(
        "INSERT INTO officer_log (at, officer, who, act, reception, before, after, reason, statement)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (text(now), *line),
    )


def page(db: Database, reception: str, officer: int | None, offset: int, limit: int) -> tuple[list[Logged], int]:
    """Lines, newest first, of one registration or officer where they are named; and how many there are."""
    conditions, values = ["1 = 1"], list[str | int]()
    if reception:
        conditions, values = [*conditions, "reception = ?"], [*values, reception]
    if officer is not None:
        conditions, values = [*conditions, "officer = ?"], [*values, officer]
    where = " AND ".join(conditions)
    (total,) = db.execute(f"SELECT count(*) FROM officer_log WHERE {where}", values).fetchone()  # noqa: S608 - our own
    rows = db.execute(f"{_SELECT} WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?", (*values, limit, offset))
    return [_logged(*row) for row in rows], total


def by_statement(db: Database, sha256: str) -> Logged | None:
    """The line that this signed statement made."""
    row = db.execute(f"{_SELECT} WHERE statement = ?", (sha256,)).fetchone()
    return None if row is None else _logged(*row)


def reason(db: Database, reception: str, act: OfficerAct) -> str:
    """Why this was last done to a registration."""
    row = db.execute(
        "SELECT reason FROM officer_log WHERE reception = ? AND act = ? ORDER BY id DESC LIMIT 1", (reception, act)
    ).fetchone()
    return "" if row is None else str(row[0])


def _logged(
    number: int,
    at: str,
    who: str,
    act: str,
    reception: str,
    before: str,
    after: str,
    why: str,
    statement: str | None,
) -> Logged:
    return Logged(number, moment(at), who, OfficerAct(act), reception, before, after, why, statement)
