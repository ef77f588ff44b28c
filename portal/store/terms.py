"""What officers find companies by, in one index. Each function inside a caller's transaction.

A name's every end is a term, so that a part of the name is the beginning of one of them and an index finds it.
"""

from __future__ import annotations

from portal.registration import names
from portal.store.database import Database


def put(db: Database, company_id: str, number: str, name: str) -> None:
    """The terms of a company, in place of its earlier ones."""
    found = found_by(company_id, number, name)
    kept = {term for (term,) in db.execute("SELECT term FROM company_terms WHERE company_id = ?", (company_id,))}
    if found == kept:
        return
    db.execute("DELETE FROM company_terms WHERE company_id = ?", (company_id,))
    _add(db, company_id, found)


def add(db: Database, company_id: str, number: str, name: str) -> None:
    """The terms of a new company."""
    _add(db, company_id, found_by(company_id, number, name))


def _add(db: Database, company_id: str, found: set[str]) -> None:
    rows = ", ".join(["(?, ?)"] * len(found))  # one statement: each has its own turn with the other threads
    values = [each for term in sorted(found) for each in (term, company_id)]
    db.execute(f"INSERT INTO company_terms VALUES {rows}", values)  # noqa: S608 - our own


def span(words: str) -> tuple[str, str]:
    """From which term, and before which, those stand that begin with these words."""
    first = names.normal(words)
    return first, first + "\U0010ffff"


def found_by(company_id: str, number: str, name: str) -> set[str]:
    """The terms of a company of this number and name."""
    normal = names.normal(name)
    return {company_id, names.normal(number), *(normal[start:] for start in range(len(normal)))}
