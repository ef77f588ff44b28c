"""How long a card is still valid, as pages say it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from portal.signatures.certificate import TOKYO, CertificateView


class Validity(NamedTuple):
    """`expiry` is the last day in Tokyo, YYYY/MM/DD; `days` are those left until then, 0 on the day itself."""

    expiry: str
    days: int
    expired: bool
    soon: bool


def validity(card: CertificateView, now: datetime, expiring_days: int) -> Validity:
    """How a card stands at this moment; `soon` within `expiring_days` of its last day."""
    days = (card.not_after.astimezone(TOKYO).date() - now.astimezone(TOKYO).date()).days
    expired = card.not_after < now
    return Validity(card.expiry, days, expired, not expired and days <= expiring_days)
