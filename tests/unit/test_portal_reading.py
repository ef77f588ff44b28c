"""A statement's payload as 検証機能 lists it: what the PIN window showed, in the same order."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.card.asking import reading as window_reading
from bridge.card.signature import statement
from portal.verification import reading

PAYLOAD = {
    "sections": [
        {
            "label": "企業情報",
            "value": [{"label": "企業名称", "value": "北東組株式会社"}, {"label": "部署名", "value": ""}],
        },
        {"label": "添付", "value": []},
        {"label": "内訳", "value": [{"label": "明細", "value": [{"label": "一", "value": 1}]}, ["a", True, None]]},
    ],
    "companyId": "3520300000000001",
    "contractor": "000000101",
    "other": {"b": 2, "a": {"deep": [[3]]}},
}


def test_lines_under_their_headings_in_the_order_that_was_signed() -> None:
    assert reading.blocks(PAYLOAD) == [
        ("", [("企業ID", "3520300000000001"), ("業者番号", "000000101")]),
        ("other › a › deep › 1.", [("1.", "3")]),
        ("other", [("b", "2")]),
        ("企業情報", [("企業名称", "北東組株式会社"), ("部署名", "")]),
        ("", [("添付", "―")]),
        ("内訳 › 明細", [("一", "1")]),
        ("内訳 › 2.", [("1.", "a"), ("2.", "はい"), ("3.", "―")]),
    ]


def test_it_lists_what_the_window_lists() -> None:
    """Written independently of it."""
    request = {"type": "change", "action": "a", "aud": "https://p", "nonce": "n", "payload": PAYLOAD}
    content = statement.compose(request, "https://p", b"certificate", datetime(2026, 11, 24, tzinfo=UTC))
    window = [(line.label, line.value) for line in window_reading.lines(content, "ja") if line.value is not None]
    listed = [line for block in reading.blocks(PAYLOAD) for line in block.lines]
    assert listed == window[: len(listed)]
    assert dict(window[len(listed) :]).keys() == {"種類", "宛先", "作成日時（日本時間）", "一度だけ使う番号"}
