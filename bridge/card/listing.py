"""What the daemon is told of the cards: tokens, their tries, and the certificates that a page may see."""

from __future__ import annotations

from typing import Any

from bridge.card.cards import Cards, Locked, Present
from bridge.card.port import Token
from bridge.card.safety.tries import UNKNOWN, Tries
from bridge.errors import BridgeError


def listing(cards: Cards) -> list[dict[str, Any]]:
    """Per token: facts, tries as the card tells them free of cost, and its signers' certificates.

    A certificate that its card hides behind the PIN is not listed while somebody's session has it open: the page whose
    person gave the PIN was told it.
    """
    present = cards.present()
    tokens: dict[int, dict[str, Any]] = {}
    for token, certificate in _shown(present):
        tokens.setdefault(id(token), _described(token))["certificates"].append(certificate)
    return list(tokens.values())


def told_tries(token: Token) -> Tries:
    """For information alone: a counter that cannot be read now is unknown, and nothing fails by it."""
    try:
        return token.tries()
    except BridgeError:
        return UNKNOWN


def _shown(present: Present) -> list[tuple[Token, dict[str, Any]]]:
    readable = [found for found in present.found if not found.token.facts.identified_by]
    shown = [(found.token, found.info.wire(found.token.facts.reader)) for found in readable]
    return shown + [(each.token, _hidden(each)) for each in present.locked]


def _hidden(locked: Locked) -> dict[str, Any]:
    return {"card": locked.card, "profile": locked.token.facts.profile, "locked": True}


def _described(token: Token) -> dict[str, Any]:
    facts = token.facts
    return {
        "reader": facts.reader,
        "label": facts.label,
        "profile": facts.profile,
        "pinPad": facts.pin_pad,
        "tries": told_tries(token).wire(),
        "certificates": [],
    }
