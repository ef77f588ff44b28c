"""The mails to send, each function inside a caller's transaction."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from portal.store.rows import Mail
from portal.store.times import text


def post(db: sqlite3.Connection, mails: Iterable[Mail], now: datetime) -> None:
    """Puts mails into the outbox, in the transaction of what they tell of."""
    db.executemany(
        "INSERT INTO outbox (reference, recipient, subject, body, created, next_try) VALUES (?, ?, ?, ?, ?, ?)",
        [(secrets.token_hex(16), *mail, text(now), text(now)) for mail in mails],
    )
