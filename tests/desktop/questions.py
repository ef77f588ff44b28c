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
        "days": 2188,
    },
    "card": {"reader": "練習用カードリーダー", "label": "練習用カード", "profile": "practice"},
    "choice": None,
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


def _candidate(**changes: Any) -> dict[str, Any]:
    certificate = {name: BASE["certificate"][name] for name in ("holder", "organization", "issuer", "expiry", "days")}
    card = {"reader": "ICカードリーダー 00 00", "card": "電子入札用ICカード"}
    return {**certificate, "state": "valid", **card, **changes}


_HIDDEN = dict.fromkeys(("holder", "organization", "issuer", "expiry", "days"))
CANDIDATES: tuple[dict[str, Any], ...] = (
    _candidate(),
    _candidate(holder="北東 花子", expiry="2026/12/24", days=30, reader="ICカードリーダー 01 00"),
    _candidate(**_HIDDEN, state="locked", card="マイナンバーカード（署名用）", reader="ICカードリーダー 02 00"),
    _candidate(expiry="2026/11/20", days=-4, state="expired"),
)


def choosing(*candidates: dict[str, Any], purpose: str = "sign", **changes: Any) -> dict[str, Any]:
    """Changes by which the usual question lets a certificate be chosen."""
    nothing = dict.fromkeys(("certificate", "card", "content", "confirmation", "tries", "pin"))
    choice = {"purpose": purpose, "candidates": list(candidates or CANDIDATES)}
    return {"kind": "choose", "action": "", **nothing, "choice": choice, **changes}
