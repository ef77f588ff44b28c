"""A statement's payload as 検証機能 lists it: what the PIN window showed, in the same order."""

from __future__ import annotations

from bridge.card import statement
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
    "contractor": "000000101",
    "other": {"b": 2, "a": {"deep": [[3]]}},
}


def test_lines_under_their_headings_in_the_order_that_was_signed() -> None:
    assert reading.blocks(PAYLOAD) == [
        ("", [("業者番号", "000000101")]),
        ("other › a › deep › 1.", [("1.", "3")]),
        ("other", [("b", "2")]),
        ("企業情報", [("企業名称", "北東組株式会社"), ("部署名", "")]),
        ("", [("添付", "―")]),
        ("内訳 › 明細", [("一", "1")]),
        ("内訳 › 2.", [("1.", "a"), ("2.", "はい"), ("3.", "―")]),
    ]


def test_it_lists_what_the_window_lists() -> None:
    """Written independently of it; the window shows our own payloads' keys as they are."""
    words = {"contractor": "業者番号"}
    window = [(words.get(line.label, line.label), line.value) for line in statement.lines(PAYLOAD)]
    listed = [line for block in reading.blocks(PAYLOAD) for line in block.lines]
    assert listed == [line for line in window if line[1] is not None]
