"""What was received of a card, as it was received: the signed statements of accepted acts. Queries only."""

from __future__ import annotations

from portal.store import registrations
from portal.store.database import Database
from portal.store.rows import Owner, Receipt, State
from portal.store.times import moment

_SELECT = (
    "SELECT r.certificate_sha256, r.category, h.at, s.cms FROM registrations r"
    " JOIN history h ON h.company_id = r.company_id JOIN statements s ON s.sha256 = h.statement"
    " WHERE r.certificate_sha256 = ?"
)


def latest(db: Database, owner: Owner) -> Receipt | None:
    """The statement that this registration rests on."""
    query = f"{_SELECT} AND r.category = ? AND h.statement = r.statement ORDER BY h.id"
    return _receipt(db, db.execute(query, owner).fetchone())


def find(db: Database, cms_sha256: str, certificate_sha256: str) -> Receipt | None:
    """The receipt of exactly these bytes, for the card that asks: its own, and as a registered card its company's.

    A card that waits as 仮登録 has only claimed the company, and is told of its own acts alone.
    """
    whose = "(h.certificate_sha256 = r.certificate_sha256 OR r.state = ?)"
    query = f"{_SELECT} AND h.statement = ? AND {whose} ORDER BY h.id"
    return _receipt(db, db.execute(query, (certificate_sha256, cms_sha256, State.REGISTERED)).fetchone())


def _receipt(db: Database, row: tuple[str, str, str, bytes] | None) -> Receipt | None:
    if row is None:
        return None
    certificate, category, received, cms = row
    whose = registrations.existing(db, Owner(certificate, category))
    return Receipt(whose.identity, moment(received), cms)
