"""What the store hands out and takes in for ICカード更新. Times are aware datetimes in UTC."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from portal.store.mail_rows import Mail
from portal.store.rows import Owner, Proof


class Renewal(NamedTuple):
    """A hand-over and how far the ICカード更新 came: the old card's `certificate` (DER), the SHA-256 of its `handover`.

    `announced` is the new card's certificate once it was examined; with `named` the hand-over itself names it, so that
    no other will do. `session` is the key of the visit that goes on with it; `acceptance` ends it.
    """

    certificate: bytes
    category: str
    session: str
    handover: str
    signed: datetime
    expires: datetime
    announced: bytes | None
    named: bool
    acceptance: str | None

    @property
    def owner(self) -> Owner:
        """Whose registration is handed over."""
        return Owner(hashlib.sha256(self.certificate).hexdigest(), self.category)


class Handover(NamedTuple):
    """What an old card signed, the new card's certificate (DER) where it names one, and until when it waits."""

    proof: Proof
    category: str
    sections: list[Any]
    named: bytes | None
    expires: datetime


class Visit(NamedTuple):
    """The visit in which an ICカード更新 ends: its `session`, when that began, whether it has put closing time off.

    The new card's lives `until`; until `asks_until` the old one may ask again for an answer that was lost.
    """

    session: str
    since: datetime
    extended: bool
    until: datetime
    asks_until: datetime


class Succession(NamedTuple):
    """Everything that the end of an ICカード更新 writes in one transaction; `proof` is the new card's acceptance.

    `signed` is what the acceptance says, `sections` the new card's registration as it is shown and printed.
    """

    visit: Visit
    predecessor: Owner
    handover: str  # SHA-256 of the old card's hand-over
    issuer: str
    serial: str
    signed: list[Any]
    sections: list[Any]
    proof: Proof
    mails: list[Mail]
