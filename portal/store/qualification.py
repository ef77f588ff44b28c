"""New qualification data beside what is known: staged, compared, put in its place. Inside a caller's transaction.

Staged rows are in a temporary table: while a million of them are read, nobody waits for the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from portal.store import contractors
from portal.store.rows import Contractor

_COLUMNS = "number, name, postal_code, address, representative, representative_title, sought"
_DIFFERS = " OR ".join(f"new.{column} <> old.{column}" for column in _COLUMNS.split(", ")[1:])
_ADDED = "FROM staged WHERE number NOT IN (SELECT number FROM contractors)"
_CHANGED = f"FROM staged AS new JOIN contractors AS old USING (number) WHERE {_DIFFERS}"
_REMOVED = "FROM contractors WHERE number NOT IN (SELECT number FROM staged)"


class Counts(NamedTuple):
    """How many contractors new data adds, changes and removes."""

    added: int
    changed: int
    removed: int


class Line(NamedTuple):
    """One contractor that differs; `before` or `after` is None where there is none."""

    before: Contractor | None
    after: Contractor | None


class Represented(NamedTuple):
    """A registration whose 代表者 is another in the new data, or whose contractor is not in it any more (None)."""

    company_id: str
    number: str
    name: str
    before: str
    after: str | None


def begin(db: sqlite3.Connection) -> None:
    """An empty place for new rows, this connection's own."""
    db.execute("DROP TABLE IF EXISTS temp.staged")
    columns = ", ".join(f"{column} TEXT NOT NULL" for column in _COLUMNS.split(", "))
    db.execute(f"CREATE TEMP TABLE staged ({columns}, PRIMARY KEY (number)) STRICT, WITHOUT ROWID")


def stage(db: sqlite3.Connection, rows: Iterable[Contractor]) -> None:
    filled = ((*row, contractors.sought(row)) for row in rows)
    db.executemany("INSERT INTO temp.staged VALUES (?, ?, ?, ?, ?, ?, ?)", filled)


def counts(db: sqlite3.Connection, *, partial: bool) -> Counts:
    """`partial`: what is not among the new rows stays."""
    added, changed, removed = (_count(db, rows) for rows in (_ADDED, _CHANGED, _REMOVED))
    return Counts(added, changed, 0 if partial else removed)


def lines(db: sqlite3.Connection, *, partial: bool) -> Iterable[Line]:
    """Every contractor that differs, removed ones first, each kind by 業者番号."""
    names = _COLUMNS.rpartition(", ")[0]
    if not partial:
        for row in db.execute(f"SELECT {names} {_REMOVED} ORDER BY number"):
            yield Line(Contractor(*row), None)
    pairs = ", ".join(f"{side}.{name}" for side in ("old", "new") for name in names.split(", "))
    for row in db.execute(f"SELECT {pairs} {_CHANGED} ORDER BY new.number"):
        yield Line(Contractor(*row[:6]), Contractor(*row[6:]))
    for row in db.execute(f"SELECT {names} {_ADDED} ORDER BY number"):
        yield Line(None, Contractor(*row))


def represented(db: sqlite3.Connection, *, partial: bool) -> list[Represented]:
    """Registrations that an officer has to look at: a former representative's card makes a bid invalid."""
    rows = db.execute(
        "SELECT registrations.company_id, companies.number, old.name,"
        " json_extract(registrations.contractor, '$.representative') AS before, new.representative AS after"
        " FROM registrations JOIN companies USING (company_id) JOIN contractors AS old USING (number)"
        " LEFT JOIN staged AS new USING (number)"
        " WHERE state <> 'replaced' AND (after <> before OR (after IS NULL AND NOT ?))"
        " ORDER BY companies.number, company_id",
        (partial,),
    )
    return [Represented(*row) for row in rows]


def settle(db: sqlite3.Connection, *, partial: bool) -> Counts:
    """Puts the staged rows in place of what is known, in as few writes as there are differences."""
    done = counts(db, partial=partial)
    if not partial:
        gone = f"SELECT number {_REMOVED}"
        db.execute(f"DELETE FROM contractor_accounts WHERE number IN ({gone})")  # noqa: S608 - our own
        db.execute(f"DELETE {_REMOVED}")
    every = ", ".join(f"new.{column}" for column in _COLUMNS.split(", "))
    db.execute(f"INSERT OR REPLACE INTO contractors SELECT {every} {_CHANGED}")
    db.execute(f"INSERT INTO contractors SELECT {_COLUMNS} {_ADDED} ORDER BY number")
    return done


def _count(db: sqlite3.Connection, rows: str) -> int:
    (count,) = db.execute(f"SELECT count(*) {rows}").fetchone()
    return int(count)
