"""PIN sessions: what is kept is the card's login state, never the PIN; bound to origin and card, one per card."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from bridge.card.cards import Found
from bridge.card.port import Token
from bridge.card.safety.login import Login
from bridge.errors import PinSessionEnded

Clock = Callable[[], float]
"""Monotonic seconds."""


class PinSession(NamedTuple):
    handle: str
    origin: str
    expires: float
    login: Login
    signer: Found | None
    """The certificate that it was opened with; None: by a card that named none."""


Ended = Callable[[PinSession, str], None]
"""Told of every session that ends, and why: closed, expired, removed, replaced, forgotten."""


class PinSessions:
    """Used by the card thread only. A token has one session, whichever of its certificates was logged in with."""

    def __init__(self, seconds: float, clock: Clock, ended: Ended) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ended = ended
        self._living: dict[str, PinSession] = {}
        """By handle."""

    def keep(self, origin: str, login: Login, signer: Found | None = None) -> PinSession:
        """Keep a fresh login. An older session of the same token ends by it."""
        self.end_on(login.token, "replaced")
        kept = PinSession(secrets.token_urlsafe(24), origin, self._clock() + self._seconds, login, signer)
        self._living[kept.handle] = kept
        return kept

    def use(self, handle: str, origin: str, card: str) -> PinSession:
        """The living session of that handle; `card` names the PIN (`cards.Found.card`).

        Raises PinSessionEnded: expired, of another origin or certificate, logged out.
        """
        self.expire()
        kept = self._living.get(handle)
        if kept is None or (kept.origin, kept.login.card) != (origin, card):
            raise PinSessionEnded("no such PIN session")
        if not kept.login.logged_in:
            self._end(kept, "removed")
            raise PinSessionEnded("the card is not logged in any more")
        return kept

    def opened_with(self, certificate: str, handle: str, origin: str) -> PinSession | None:
        """The living session, if it is this certificate's (SHA-256 hex): its card need not be looked for again."""
        self.expire()
        kept = self._living.get(handle)
        if kept is None or kept.signer is None or (kept.origin, kept.signer.info.id) != (origin, certificate):
            return None
        return kept if kept.login.logged_in else None

    def close(self, handle: str, origin: str) -> None:
        """Idempotent: a session that has ended is closed."""
        kept = self._living.get(handle)
        if kept is not None and kept.origin == origin:
            self._end(kept, "closed")

    def end_on(self, token: Token, reason: str) -> None:
        """End the session of a token, whosever it is."""
        for kept in list(self._living.values()):
            if _place(kept.login.token) == _place(token):
                self._end(kept, reason)

    def expire(self) -> None:
        for kept in list(self._living.values()):
            if kept.expires <= self._clock():
                self._end(kept, "expired")

    def drop_removed(self) -> None:
        """End the sessions whose card is gone or was reset by another program."""
        for kept in list(self._living.values()):
            if not kept.login.logged_in:
                self._end(kept, "removed")

    def end_all(self, reason: str) -> None:
        for kept in list(self._living.values()):
            self._end(kept, reason)

    def seconds_left(self, kept: PinSession) -> int:
        return max(0, int(kept.expires - self._clock()))

    def next_expiry(self) -> float | None:
        """Seconds from now until the first session expires; None without sessions."""
        if not self._living:
            return None
        return max(0.0, min(kept.expires for kept in self._living.values()) - self._clock())

    def _end(self, kept: PinSession, reason: str) -> None:
        del self._living[kept.handle]
        kept.login.end()
        self._ended(kept, reason)


def _place(token: Token) -> tuple[str, str]:
    facts = token.facts
    return facts.reader, facts.insertion
