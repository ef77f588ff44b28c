"""A login on a card while it lives, and its end: on the card first, then in the ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from bridge.card.asking.answer import Answer
from bridge.card.port import CardSession, Token
from bridge.card.safety.ledger import Ledger, LedgerBroken, Pending
from bridge.card.safety.verification import send_once
from bridge.card.signature.algorithms import STATEMENT, How, SignatureAlgorithm
from bridge.errors import BridgeError, PinSessionEnded


class Login:
    """Used by the card thread only. `card` names the PIN (`cards.Found.card`)."""

    def __init__(self, ledger: Ledger, card: str, token: Token, session: CardSession, person: str) -> None:
        self._ledger = ledger
        self._held: Answer | None = None
        self._ended = False
        self.card = card
        self.token = token
        self.session = session
        self.person = person
        """担当者, as typed in the window."""

    @property
    def logged_in(self) -> bool:
        """What the card itself holds true now, as far as it can be asked without a try."""
        return self.session.logged_in

    @property
    def reader(self) -> str:
        return self.token.facts.reader

    def wants_pin(self, certificate: bytes) -> bool:
        """Whether each signature with this certificate's key needs the PIN once more (CKA_ALWAYS_AUTHENTICATE)."""
        return self.session.wants_pin(certificate)

    def hold(self, answer: Answer) -> None:
        """Keep the PIN for the signatures of one batch, for a key that wants it each time (invariant 19)."""
        answer.keep()
        self._held = answer

    def algorithm(self, certificate: bytes, how: How = STATEMENT) -> SignatureAlgorithm:
        """How the token signs with this certificate's key."""
        return self.session.algorithm(certificate, how)

    def sign(self, certificate: bytes, data: bytes, how: How = STATEMENT) -> bytes:
        """One signature; with a held PIN that is one more VERIFY.

        Raises PinSessionEnded after its end or a foreign reset, CardRemoved, CardFailed; with a held PIN PinWrong,
        PinLocked.
        """
        if self._ended:
            raise PinSessionEnded("the login was ended between two signatures")
        if self._held is None:
            return self.session.sign(certificate, data, how=how)
        pin = self._held.pin
        # The card has just taken this very PIN, and no reset or insertion lies between: the session sees to that.
        pending = Pending(None, None)
        try:
            return send_once(
                self._ledger, self.card, self.token, pending, lambda: self.session.sign(certificate, data, pin, how)
            )
        except BridgeError:
            self.release()
            raise

    def release(self) -> None:
        """The batch is over: wipe the PIN."""
        held, self._held = self._held, None
        if held is not None:
            held.release()

    def end(self) -> None:
        """Never raises. A login that could not be ended stays marked in the ledger: the next host ends it."""
        self._ended = True
        self.release()
        if self.session.close():
            with contextlib.suppress(LedgerBroken):
                self._ledger.closed(self.card)


def end_leftovers(ledger: Ledger, reset: Callable[[str], None]) -> None:
    """A killed host leaves its card unlocked for every program: reset what the ledger marks (invariant 18)."""
    for card, reader in ledger.unlocked().items():
        # A reader that another program holds stays marked; the next start tries again.
        with contextlib.suppress(BridgeError):
            reset(reader)
            ledger.closed(card)
