"""A reader as pages are told of it."""

from __future__ import annotations

import hashlib
from typing import Any

from bridge.readers.state import ReaderState

_NO_TRIES = {"hint": "unknown", "count": None, "max": None, "source": "profile"}


def wire(state: ReaderState, known: dict[str, Any]) -> dict[str, Any]:
    """`known`: what the card host last told of the card in it; may be empty."""
    card = {
        "id": hashlib.sha256(f"{state.name}\0{state.events}".encode() + state.atr).hexdigest()[:16],
        "profile": known.get("profile", "unknown"),
        "label": known.get("label", ""),
        "tries": known.get("tries", _NO_TRIES),
    }
    return {
        "name": state.name,
        "hasPinPad": known.get("pinPad", False),
        "card": card if state.card_present else None,
    }
