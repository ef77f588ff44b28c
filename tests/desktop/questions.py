"""Questions to the PIN window, as the card host asks them."""

from __future__ import annotations

import json
from typing import Any

_LINES = [
    (0, "企業情報", None),
    (1, "企業名称", "北東組株式会社"),
    (1, "企業郵便番号", "753-0000"),
    (1, "企業住所", "山口県山口市亀山町２－１"),
    (1, "代表者氏名", "北東 太郎"),
    (1, "代表者役職", "代表取締役"),
    (0, "代表窓口情報（連絡先）", None),
    (1, "連絡先名称（部署名等）", "営業部"),
    (1, "連絡先メールアドレス", "eigyo@hokuto.example.jp"),
    (0, "ＩＣカード利用部署情報", None),
    (1, "ＩＣカード取得者氏名", "北東 次郎"),
]
BASE: dict[str, Any] = {
    "v": 1,
    "kind": "pin",
    "language": "ja",
    "origin": "https://ebid.city.yamaguchi.example.jp",
    "action": "利用者登録",
    "confirmation": "12345678",
    "certificate": {
        "holder": "北東 次郎",
        "organization": "北東組株式会社",
        "issuer": "OU=CoreCA,O=eJapan2 Tech Center,C=JP",
        "serial": "121",
        "expiry": "2032/11/20",
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
    "unlock": None,
    "pin": {"min": 4, "max": 16, "characters": "digits"},
    "pinPad": False,
    "person": True,
    "timeoutSeconds": 300,
}


def question(**changes: Any) -> bytes:
    """The usual question with changes, as one line."""
    return json.dumps(BASE | changes, ensure_ascii=False).encode() + b"\n"
