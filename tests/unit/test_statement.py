"""The statement's bytes, its readable list and its confirmation number."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from bridge.card.signature import statement

REQUEST: dict[str, Any] = {
    "type": "registration",
    "action": "利用者登録（登録）",
    "aud": "https://portal.example",
    "nonce": "n" * 43,
    "payload": {
        "contractor": "000000101",
        "sections": [
            {
                "label": "企業情報",
                "value": [{"label": "企業名称", "value": "北東組株式会社"}, {"label": "部署名", "value": ""}],
            }
        ],
        "flag": True,
        "nothing": None,
        "list": ["a", 2],
        "empty": [],
    },
}
NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)


def test_the_bytes_are_canonical_and_complete() -> None:
    content = statement.compose(REQUEST, "https://portal.example", b"certificate", NOW)
    parsed = json.loads(content)
    # RFC 8785 for values without numbers that differ: sorted keys, no spaces, raw UTF-8
    assert content == json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert set(parsed) == {"v", "type", "action", "origin", "aud", "nonce", "issuedAt", "cert", "payload"}
    assert parsed["issuedAt"] == "2026-11-24T01:02:03Z"
    assert parsed["cert"] == {"sha256": hashlib.sha256(b"certificate").hexdigest()}


def test_the_confirmation_number_depends_on_every_signed_part_and_on_nothing_else() -> None:
    number = statement.confirmation_number(REQUEST)
    assert len(number) == 8
    assert number.isdecimal()
    assert statement.confirmation_number({**REQUEST, "ignored": 1}) == number
    for name in ("type", "action", "aud", "nonce", "payload"):
        changed = {**REQUEST, name: {"x": 1} if name == "payload" else "other"}
        assert statement.confirmation_number(changed) != number


def test_the_published_confirmation_number() -> None:
    request = {"type": "login", "action": "a", "aud": "https://p", "nonce": "n", "payload": {}}
    canonical = b'{"action":"a","aud":"https://p","nonce":"n","payload":{},"type":"login"}'
    expected = int.from_bytes(hashlib.sha256(canonical).digest()[:8], "big") % 10**8
    assert statement.confirmation_number(request) == f"{expected:08d}"
