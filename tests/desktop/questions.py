"""Questions to the PIN window, as the card host asks them."""

from __future__ import annotations

import json
from typing import Any

from tests.procedure import example

_LINES = [
    line
    for section in example.SIGNED
    for line in ((0, section.label, None), *((1, label, value) for label, value in section.lines))
]
BASE: dict[str, Any] = {
    "v": 1,
    "kind": "pin",
    "language": "ja",
    "origin": "https://ebid.city.yamaguchi.example.jp",
    "action": "利用者登録",
    "confirmation": "12345678",
    "certificate": {
        **{name: example.CERTIFICATE[name] for name in ("holder", "organization", "issuer", "serial", "expiry")},
    },
    "card": {"reader": "練習用カードリーダー", "label": "練習用カード", "profile": "practice"},
    "content": {
        "type": "statement",
        "lines": [{"depth": depth, "label": label, "value": value} for depth, label, value in _LINES],
    },
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
