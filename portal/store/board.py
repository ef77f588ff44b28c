"""News, single days and the emergency stop. Each function inside a caller's transaction.

Each that writes says whether anything was done: sent twice, the second time nothing is.
"""

from __future__ import annotations

from datetime import date, datetime

from portal.store.board_rows import Board, Emergency, Posted
from portal.store.database import Database
from portal.store.times import moment, text


def read(db: Database, since: date) -> Board:
    """What stands, without days before `since`."""
    news = db.execute("SELECT id, day, text FROM news WHERE removed IS NULL ORDER BY day DESC, id DESC")
    days = db.execute("SELECT day, open FROM days WHERE day >= ? ORDER BY day", (since.isoformat(),)).fetchall()
    return Board(
        tuple(Posted(number, date.fromisoformat(day), said) for number, day, said in news),
        tuple(date.fromisoformat(day) for day, opened in days if not opened),
        tuple(date.fromisoformat(day) for day, opened in days if opened),
        emergency(db),
    )


def post(db: Database, once: str, day: date, said: str) -> bool:
    """Puts an お知らせ up, once for each `once`."""
    row = (once, day.isoformat(), said)
    query = "INSERT INTO news (once, day, text) VALUES (?, ?, ?) ON CONFLICT (once) DO NOTHING"
    return db.execute(query, row).rowcount == 1


def take_down(db: Database, number: int, now: datetime) -> Posted | None:
    """What was taken down; None when it does not stand there."""
    row = db.execute(
        "UPDATE news SET removed = ? WHERE id = ? AND removed IS NULL RETURNING id, day, text", (text(now), number)
    ).fetchone()
    return None if row is None else Posted(row[0], date.fromisoformat(row[1]), row[2])


def day(db: Database, which: date) -> bool | None:
    """Whether this single day is open or closed; None: it is like any other."""
    row = db.execute("SELECT open FROM days WHERE day = ?", (which.isoformat(),)).fetchone()
    return None if row is None else bool(row[0])


def set_day(db: Database, which: date, opened: bool | None) -> bool | None:
    """Makes a single day open, closed, or like any other (None); what it was before."""
    before = day(db, which)
    db.execute("DELETE FROM days WHERE day = ?", (which.isoformat(),))
    if opened is not None:
        db.execute("INSERT INTO days VALUES (?, ?)", (which.isoformat(), int(opened)))
    return before


def emergency(db: Database) -> Emergency | None:
    row = db.execute("SELECT ja, en, since FROM emergency").fetchone()
    return None if row is None else Emergency(row[0], row[1], moment(row[2]))


def stop(db: Database, ja: str, en: str, now: datetime) -> bool:
    """Stops everything for bidders; False when it is stopped already."""
    query = "INSERT INTO emergency VALUES (1, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
    return db.execute(query, (ja, en, text(now))).rowcount == 1


def lift(db: Database) -> Emergency | None:
    """Ends the stop; what it said, None when there was none."""
    before = emergency(db)
    db.execute("DELETE FROM emergency")
    return before
