"""入札情報公開システムのユーザ情報, its passwords as Argon2id hashes. Each function inside a caller's transaction.

The agency's own come with the qualification data; what a person gave at the search waits until a registration with it
is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from portal.store.database import Database
from portal.store.rows import Owner


class Account(NamedTuple):
    """ユーザID and the hash of its password (PHC form)."""

    user_id: str
    password: str


class Given(NamedTuple):
    """What a card's holder gave, and for which 業者番号."""

    number: str
    account: Account


def publish(db: Database, accounts: Mapping[str, Account | None]) -> None:
    """The agency's accounts by 業者番号, in place of earlier ones; None takes one away."""
    db.executemany("DELETE FROM contractor_accounts WHERE number = ?", [(number,) for number in accounts])
    rows = [(number, *account) for number, account in accounts.items() if account is not None]
    db.executemany("INSERT INTO contractor_accounts (number, user_id, password) VALUES (?, ?, ?)", rows)


def are_published(db: Database) -> bool:
    """Whether the agency has brought accounts in at all: then every one is checked against them."""
    return db.execute("SELECT 1 FROM contractor_accounts LIMIT 1").fetchone() is not None


def published(db: Database, number: str) -> Account | None:
    row = db.execute("SELECT user_id, password FROM contractor_accounts WHERE number = ?", (number,)).fetchone()
    return None if row is None else Account(*row)


def give(db: Database, owner: Owner, given: Given | None) -> None:
    """Keeps what a card's holder gave, in place of what they gave before; None takes it away."""
    db.execute("DELETE FROM accounts WHERE certificate_sha256 = ? AND category = ?", owner)
    if given is not None:
        db.execute(
            "INSERT INTO accounts (certificate_sha256, category, number, user_id, password) VALUES (?, ?, ?, ?, ?)",
            (*owner, given.number, *given.account),
        )


def given(db: Database, owner: Owner) -> Given | None:
    row = db.execute(
        "SELECT number, user_id, password FROM accounts WHERE certificate_sha256 = ? AND category = ?", owner
    ).fetchone()
    return None if row is None else Given(row[0], Account(*row[1:]))


def put_in_force(db: Database, owner: Owner, company_id: str) -> None:
    """What the card's holder gave becomes the company's; it waits no longer."""
    found = given(db, owner)
    if found is not None:
        row = (*found.account, company_id)
        db.execute("UPDATE companies SET user_id = ?, password = ? WHERE company_id = ?", row)
        give(db, owner, None)
