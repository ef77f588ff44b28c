"""PIN sessions: what is kept is the card's login state, never the PIN; bound to origin and card, one per card."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from bridge.card.port import CardSession
from bridge.errors import PinSessionEnded

Clock = Callable[[], float]
"""Monotonic seconds."""


class PinSession(NamedTuple):
    handle: str
    origin: str
    card: str
    """SHA-256 (hex) of the certificate whose token is logged in."""
    reader: str
    expires: float
    session: CardSession


Ended = Callable[[PinSession, str], None]
"""Told of every session that ends, and why: closed, expired, removed, replaced, forgotten."""


class PinSessions:
    """Used by the card thread only."""

    def __init__(self, seconds: float, clock: Clock, ended: Ended) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ended = ended
        self._by_card: dict[str, PinSession] = {}

    def keep(self, origin: str, card: str, reader: str, session: CardSession) -> PinSession:
        """Keep a fresh login. An older session of the same card ends by it."""
        self._end_card(card, "replaced")
        kept = PinSession(secrets.token_urlsafe(24), origin, card, reader, self._clock() + self._seconds, session)
        self._by_card[card] = kept
        return kept

    def use(self, handle: str, origin: str, card: str) -> PinSession:
        """The living session of that handle. Raises PinSessionEnded: expired, of another origin or card, logged out."""
        self.expire()
        kept = self._by_card.get(card)
        if kept is None or kept.origin != origin or not secrets.compare_digest(kept.handle, handle):
            raise PinSessionEnded("no such PIN session")
        if not kept.session.logged_in:
            self._end_card(card, "removed")
            raise PinSessionEnded("the card is not logged in any more")
        return kept

    def close(self, handle: str, origin: str) -> None:
        """Idempotent: a session that has ended is closed."""
        for kept in list(self._by_card.values()):
            if kept.origin == origin and secrets.compare_digest(kept.handle, handle):
                self._end_card(kept.card, "closed")

    def end(self, card: str, reason: str) -> None:
        self._end_card(card, reason)

    def expire(self) -> None:
        for kept in list(self._by_card.values()):
            if kept.expires <= self._clock():
                self._end_card(kept.card, "expired")

    def drop_removed(self) -> None:
        """End the sessions whose card is gone or was reset by another program."""
        for kept in list(self._by_card.values()):
            if not kept.session.logged_in:
                self._end_card(kept.card, "removed")

    def end_all(self, reason: str) -> None:
        for card in list(self._by_card):
            self._end_card(card, reason)

    def seconds_left(self, kept: PinSession) -> int:
        return max(0, int(kept.expires - self._clock()))

    def next_expiry(self) -> float | None:
        """Seconds from now until the first session expires; None without sessions."""
        if not self._by_card:
            return None
        return max(0.0, min(kept.expires for kept in self._by_card.values()) - self._clock())

    def _end_card(self, card: str, reason: str) -> None:
        kept = self._by_card.pop(card, None)
        if kept is not None:
            kept.session.close()
            self._ended(kept, reason)
