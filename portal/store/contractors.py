"""The qualification data (資格審査情報), each function inside a caller's transaction."""

from __future__ import annotations

import sqlite3

from portal.store.rows import Contractor


def find(db: sqlite3.Connection, number: str) -> Contractor | None:
    row = db.execute(
        "SELECT number, name, postal_code, address, representative, representative_title FROM contractors"
        " WHERE number = ?",
        (number,),
    ).fetchone()
    return None if row is None else Contractor(*row)


def replace(db: sqlite3.Connection, rows: list[Contractor]) -> int:
    db.executemany("INSERT OR REPLACE INTO contractors VALUES (?, ?, ?, ?, ?, ?)", rows)
    return len(rows)
