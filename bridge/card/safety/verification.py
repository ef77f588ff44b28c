"""One VERIFY on the wire, with the ledger written and synced before it and closed after it (invariant 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bridge.card.port import Token
from bridge.card.safety.ledger import Ledger, Pending
from bridge.card.safety.tries import UNKNOWN, Hint, Source, Tries
from bridge.errors import BridgeError, PinCancelled, PinFormat, PinLocked, PinWrong

Result = TypeVar("Result")


def send_once(ledger: Ledger, card: str, token: Token, pending: Pending, send: Callable[[], Result]) -> Result:
    """Do what sends the PIN, once. Raises PinWrong and PinLocked with the tries left then, and what `send` raises.

    A failure of any other kind leaves the entry open: whether the card saw the PIN is not known.
    """
    ledger.begin(card, token.facts.reader, pending)
    try:
        result = send()
    except PinWrong as refused:
        after = _counter(token)
        ledger.refused(card, after.count)
        # The locking try is still called wrong by some cards: the counter decides.
        raise (PinLocked if after.locked else PinWrong)(tries=after) from refused
    except PinLocked as refused:
        ledger.locked(card)
        raise PinLocked(tries=_locked(_counter(token))) from refused
    except PinFormat:
        # The library refused the PIN for its form: the card never saw it.
        ledger.unspent(card)
        raise
    except PinCancelled:
        if token.facts.pin_pad:  # given up at the reader's keys, before there was a PIN to send
            ledger.unspent(card)
        raise
    ledger.accepted(card)
    return result


def _counter(token: Token) -> Tries:
    """Right after a refusal: that the counter cannot be read now does not unsay it."""
    try:
        return token.tries()
    except BridgeError:
        return UNKNOWN


def _locked(after: Tries) -> Tries:
    """The card has said so, whatever can be read of its counter."""
    return after if after.locked else Tries(Hint.LOCKED, None, after.max, Source.CARD)
