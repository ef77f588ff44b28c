"""What the daemon is told of the cards: tokens, their tries, and the certificates that a page may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.card.cards import Cards, Locked, Present
from bridge.card.port import Token
from bridge.card.safety.tries import UNKNOWN, Tries
from bridge.errors import BridgeError

NearlyLocked = Callable[[str, Tries], bool]
"""Of a PIN (`cards.Found.card`) and its tries: whether the next one could be the last."""


def listing(cards: Cards, nearly_locked: NearlyLocked) -> list[dict[str, Any]]:
    """Per token: facts, tries as the card tells them free of cost, and its signers' certificates.

    A certificate that its card hides behind the PIN is not listed while somebody's session has it open: the page whose
    person gave the PIN was told it.
    """
    present = cards.present()
    tokens: dict[int, dict[str, Any]] = {}
    for token, card, certificate in _shown(present):
        if id(token) not in tokens:
            tokens[id(token)] = _described(token, card, nearly_locked)
        tokens[id(token)]["certificates"].append(certificate)
    return list(tokens.values())


def told_tries(token: Token) -> Tries:
    """For information alone: a counter that cannot be read now is unknown, and nothing fails by it."""
    try:
        return token.tries()
    except BridgeError:
        return UNKNOWN


def _shown(present: Present) -> list[tuple[Token, str, dict[str, Any]]]:
    readable = [found for found in present.found if not found.token.facts.identified_by]
    shown = [(found.token, found.card, found.info.wire(found.token.facts.reader)) for found in readable]
    return shown + [(each.token, each.card, _hidden(each)) for each in present.locked]


def _hidden(locked: Locked) -> dict[str, Any]:
    return {"card": locked.card, "profile": locked.token.facts.profile, "locked": True}


def _described(token: Token, card: str, nearly_locked: NearlyLocked) -> dict[str, Any]:
    facts, tries = token.facts, told_tries(token)
    return {
        "reader": facts.reader,
        "label": facts.label,
        "profile": facts.profile,
        "pinPad": facts.pin_pad,
        "tries": tries.wire(),
        "nearlyLocked": nearly_locked(card, tries),
        "certificates": [],
    }
