"""Questions to the PIN window, as the card host asks them."""

from __future__ import annotations

import json
from typing import Any

from tests.desktop import signed
from tests.procedure import example

BASE: dict[str, Any] = {
    "v": 1,
    "kind": "pin",
    "language": "ja",
    "origin": signed.ORIGIN,
    "action": "利用者登録",
    "confirmation": "12345678",
    "certificate": {
        **{name: example.CERTIFICATE[name] for name in ("holder", "organization", "issuer", "serial", "expiry")},
    },
    "card": {"reader": "練習用カードリーダー", "label": "練習用カード", "profile": "practice"},
    "content": signed.registration(),
    "tries": {"hint": "many", "count": 3, "max": 3, "source": "card"},
    "failures": 0,
    "notice": None,
    "typed": None,
    "insistence": None,
    "unlock": None,
    "pin": {"min": 4, "max": 16, "characters": "digits"},
    "pinPad": False,
    "person": True,
    "timeoutSeconds": 300,
}


def question(**changes: Any) -> bytes:
    """The usual question with changes, as one line."""
    return json.dumps(BASE | changes, ensure_ascii=False).encode() + b"\n"
