"""New qualification data beside what is known: staged, compared, put in its place. Inside a caller's transaction.

Staged rows are in a temporary table: while a million of them are read, nobody waits for the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from portal.store import contractors, staging
from portal.store.database import Database
from portal.store.rows import Contractor

_COLUMNS = "number, name, postal_code, address, representative, representative_title, sought"
_DIFFERS = " OR ".join(f"new.{column} <> old.{column}" for column in _COLUMNS.split(", ")[1:])
_COUNTED = (
    f"SELECT count(*) - count(old.number), count(CASE WHEN {_DIFFERS} THEN 1 END),"  # noqa: S608 - our own
    " (SELECT count(*) FROM contractors) - count(old.number)"
    " FROM staged AS new LEFT JOIN contractors AS old ON old.number = new.number"
)
_ADDED = "FROM staged WHERE NOT EXISTS (SELECT 1 FROM contractors WHERE contractors.number = staged.number)"
_CHANGED = f"FROM staged AS new JOIN contractors AS old USING (number) WHERE {_DIFFERS}"
# Whether a registration's JSON names this 代表者. One that JSON writes otherwise is not found so, but looked at below.
_SIGNED_SO = (
    'replace(registrations.contractor, \'"representative": "\' ||'
    " replace(replace(new.representative, '\\', '\\\\'), '\"', '\\\"') || '\"', '') <> registrations.contractor"
)
_REPRESENTED = (
    "SELECT registrations.company_id, companies.number, old.name, registrations.contractor, new.representative"  # noqa: S608 - our own
    " FROM registrations JOIN companies USING (company_id) JOIN contractors AS old USING (number)"
    " LEFT JOIN staged AS new USING (number)"
    f" WHERE state <> 'replaced' AND CASE WHEN new.number IS NULL THEN ? ELSE NOT {_SIGNED_SO} END"
    " ORDER BY companies.number, company_id"
)
_REMOVED = "FROM contractors WHERE NOT EXISTS (SELECT 1 FROM staged WHERE staged.number = contractors.number)"

_TOGETHER = 1000  # rows whose names are written out in one go


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


def stage(db: Database, rows: Iterable[Contractor]) -> None:
    """Lays new rows ready, for this connection alone."""
    staging.lay(db, "staged", _COLUMNS.split(", "), "contractors", _filled(iter(rows)))


def _filled(rows: Iterator[Contractor]) -> Iterator[tuple[str, ...]]:
    while together := list(islice(rows, _TOGETHER)):
        for row, words in zip(together, contractors.sought(together), strict=True):
            yield (*row, words)


def counts(db: Database, *, partial: bool) -> Counts:
    """`partial`: what is not among the new rows stays."""
    added, changed, removed = db.execute(_COUNTED).fetchone()
    return Counts(added, changed, 0 if partial else removed)


def lines(db: Database, *, partial: bool) -> Iterable[Line]:
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


def represented(db: Database, *, partial: bool) -> list[Represented]:
    """Registrations that an officer has to look at: a former representative's card makes a bid invalid."""
    rows = db.execute(_REPRESENTED, (not partial,))
    found = ((*row[:3], json.loads(row[3])["representative"], row[4]) for row in rows)
    return [Represented(*row) for row in found if row[3] != row[4]]


def settle(db: Database, *, partial: bool) -> Counts:
    """Puts the staged rows in place of what is known, in as few writes as there are differences."""
    done = counts(db, partial=partial)
    if done.removed:
        gone = f"SELECT number {_REMOVED}"
        db.execute(f"DELETE FROM contractor_accounts WHERE number IN ({gone})")  # noqa: S608 - our own
        db.execute(f"DELETE {_REMOVED}")
    every = ", ".join(f"new.{column}" for column in _COLUMNS.split(", "))
    if done.changed:
        db.execute(f"INSERT INTO contractors SELECT {every} {_CHANGED} {contractors.TAKE_PLACE}")
    if done.added:
        db.execute(f"INSERT INTO contractors SELECT {_COLUMNS} {_ADDED} ORDER BY number")
    return done
