"""The qualification data (資格審査情報), each function inside a caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from portal.registration import names
from portal.store.database import Database
from portal.store.rows import Contractor, Published

TAKE_PLACE = (
    "ON CONFLICT (number) DO UPDATE SET name = excluded.name, postal_code = excluded.postal_code,"
    " address = excluded.address, representative = excluded.representative,"
    " representative_title = excluded.representative_title, sought = excluded.sought"
)
"""A new row in place of the one with its number."""
_WORDS = 4  # of a search; further ones are taken as one


def find(db: Database, number: str) -> Contractor | None:
    row = db.execute(
        "SELECT number, name, postal_code, address, representative, representative_title FROM contractors"
        " WHERE number = ?",
        (number,),
    ).fetchone()
    return None if row is None else Contractor(*row)


def replace(db: Database, rows: list[Contractor]) -> int:
    filled = [(*row, words) for row, words in zip(rows, sought(rows), strict=True)]
    db.executemany(f"INSERT INTO contractors VALUES (?, ?, ?, ?, ?, ?, ?) {TAKE_PLACE}", filled)  # noqa: S608 - our own
    return len(rows)


def search(db: Database, words: str, offset: int, limit: int) -> tuple[list[Published], int]:
    """Rows by number that hold every word in number or name, written differently or not; and how many there are."""
    wanted = _wanted(words)
    (total,) = db.execute(f"SELECT count(*) FROM contractors WHERE {_HOLDS}", wanted).fetchone()  # noqa: S608 - our own
    rows = db.execute(
        f"SELECT number, name FROM contractors WHERE {_HOLDS} ORDER BY number LIMIT ? OFFSET ?",  # noqa: S608 - our own
        (*wanted, limit, offset),
    )
    return [Published(*row) for row in rows], total


_HOLDS = " AND ".join(["instr(sought, ?) > 0"] * _WORDS)  # every text holds the empty one


def _wanted(words: str) -> list[str]:
    given = words.split()
    wanted = [*given[: _WORDS - 1], "".join(given[_WORDS - 1 :])]
    return [names.normal(word) for word in wanted] + [""] * (_WORDS - len(wanted))


def sought(rows: Sequence[Contractor]) -> list[str]:
    """What `search` looks in, of each row: number and name without what people write differently."""
    numbers, named = (names.normal_each([row[place] for row in rows]) for place in (0, 1))
    # The line break keeps a search from beginning in the number and ending in the name.
    return [f"{number}\n{name}" for number, name in zip(numbers, named, strict=True)]
