"""Registrations in their thousands, for lists: rows beside a real one, whose statement they share."""

from __future__ import annotations

import json

from portal.store import Registration, terms
from portal.store.database import Database
from portal.store.times import text
from tests.unit.portal_world import World


async def crowd(made: World, like: Registration, count: int, name: str, first: int = 1) -> None:
    """So many further companies, each with a card; `name` may hold {number}, which counts from `first`."""
    await made.store.write(lambda db: _fill(db, like, range(first, first + count), name))


def _fill(db: Database, like: Registration, numbers: range, name: str) -> None:
    at = text(like.created)
    for number in numbers:
        company, card, own = f"9991{10**11 + number:012d}", f"{number:064x}", f"{900_000_000 + number}"
        contractor = json.dumps({**like.contractor._asdict(), "number": own, "name": name.format(number=number)})
        form, sections = json.dumps(like.form), json.dumps(like.sections)
        db.execute(
            "INSERT INTO companies (company_id, number, category, contractor, form, user_id, password, created,"
            " changed) VALUES (?, ?, ?, ?, ?, '', '', ?, ?)",
            (company, own, like.category, contractor, form, at, at),
        )
        db.execute(
            "INSERT INTO registrations (certificate_sha256, category, company_id, state, contractor, form, remarks,"
            " sections, issuer, serial, certificate, statement, created, changed)"
            " VALUES (?, ?, ?, ?, ?, ?, '[]', ?, ?, ?, ?, ?, ?, ?)",
            (
                *(card, like.category, company, like.state, contractor, form, sections, like.issuer),
                *(f"77{number}", like.certificate, like.cms_sha256, at, at),
            ),
        )
        db.execute(
            "INSERT INTO history (at, company_id, certificate_sha256, act, state, statement, sections)"
            " VALUES (?, ?, ?, 'registered', ?, ?, ?)",
            (at, company, card, like.state, like.cms_sha256, sections),
        )
        terms.put(db, company, own, name.format(number=number))
