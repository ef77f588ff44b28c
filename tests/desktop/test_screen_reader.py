"""What a screen reader finds in the windows, read from the AT-SPI tree as Orca reads it, and where Tab leads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.desktop.display import Environment
from tests.desktop.questions import choosing
from tests.desktop.screen_reader import Node, ScreenReader, spoken_desktop
from tests.desktop.window import OWN, System, Window

Open = Callable[..., tuple[Window, ScreenReader]]

CONFIRM: dict[str, Any] = {"kind": "confirm", "pin": None, "tries": None}
LAST: dict[str, Any] = {"tries": {"hint": "last", "count": 1, "max": 3, "source": "card"}, "failures": 2}
KINDS: dict[str, dict[str, Any]] = {
    "pin": {},
    "last": {**LAST, "typed": "LAST TRY", "notice": "pin_wrong"},
    "same": {"notice": "same_pin", "insistence": "SEND AGAIN"},
    "pad": {"pinPad": True, "pin": None},
    "confirm": CONFIRM,
    "choose": choosing(),
}


@pytest.fixture(scope="module")
def spoken() -> Iterator[Environment]:
    with spoken_desktop() as env:
        yield env


@pytest.fixture
def opened(spoken: Environment) -> Iterator[Open]:
    ends: list[Callable[[], None]] = []

    def open_window(**changes: Any) -> tuple[Window, ScreenReader]:
        window, reader = Window(System(spoken, OWN), **changes), ScreenReader(spoken)
        ends.extend((window.end, reader.end))
        window.wait_shown()
        return window, reader

    yield open_window
    for end in ends:
        end()


def controls(tree: list[Node]) -> list[Node]:
    return [node for node in tree if "focusable" in node.states]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_control_has_a_name(opened: Open, kind: str, language: str) -> None:
    _, reader = opened(**{**KINDS[kind], "language": language})
    tree = reader.tree()
    assert (tree[0].role, bool(tree[0].name)) == ("dialog", True)
    assert len(controls(tree)) >= 3
    assert [node for node in controls(tree) if not node.name.strip()] == []


@pytest.mark.parametrize(
    ("language", "names", "tries"),
    [
        (
            "ja",
            {
                "PIN番号入力ダイアログ": "dialog",
                "要求元サイト https://ebid.city.yamaguchi.example.jp": "label",
                "確認番号 1 2 3 4 5 6 7 8": "label",
                "署名する内容と証明書（読み取り専用）": "text",
                "PIN番号": "password text",
                "担当者 入力不要": "text",
                "OK": "push button",
                "キャンセル": "push button",
            },
            "残り 3 回（最大 3 回）",
        ),
        (
            "en",
            {
                "Enter PIN": "dialog",
                "Requested by https://ebid.city.yamaguchi.example.jp": "label",
                "Check number 1 2 3 4 5 6 7 8": "label",
                "What will be signed, and the certificate (read-only)": "text",
                "PIN": "password text",
                "Person in charge not needed": "text",
                "OK": "push button",
                "Cancel": "push button",
            },
            "3 of 3 tries left",
        ),
    ],
)
def test_the_pin_window_in_words(opened: Open, language: str, names: dict[str, str], tries: str) -> None:
    _, reader = opened(language=language)
    tree = reader.tree()
    found = [(node.name, node.role) for node in tree if names.get(node.name) == node.role]
    assert sorted(found) == sorted(names.items())
    (pin,) = (node for node in tree if node.role == "password text")
    assert pin.description.startswith(tries), "tries and what a lock means are spoken with the field"


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        ({}, ["PIN番号", "担当者 入力不要", "OK", "キャンセル", "署名する内容と証明書（読み取り専用）", "PIN番号"]),
        (CONFIRM, ["署名する内容と証明書（読み取り専用）", "OK", "キャンセル", "署名する内容と証明書（読み取り専用）"]),
    ],
)
def test_tab_leads_from_the_field_to_the_buttons_and_to_what_is_signed(
    opened: Open, changes: dict[str, Any], order: list[str]
) -> None:
    window, reader = opened(**changes)
    time.sleep(1.2)  # the guard of the focus
    if not changes:
        window.type("1234")  # OK is reached once it works
    walked = [reader.focused()]
    for _ in order[1:]:
        window.press("Tab")
        walked.append(reader.focused())
    assert walked == order


def test_a_choice_speaks_of_each_certificate_as_a_whole(opened: Open) -> None:
    window, reader = opened(**choosing())
    time.sleep(1.2)
    radios = [node for node in reader.tree() if node.role == "radio button"]
    assert [node.name.split("\n") for node in radios][1:3] == [
        [
            "北東 花子（北東組株式会社）",
            "発行者：OU=CoreCA,O=eJapan2 Tech Center,C=JP",
            "有効期限：2026/12/24（あと 30 日）",
            "カードリーダー：ICカードリーダー 01 00",
        ],
        [
            "マイナンバーカード（署名用）",
            "カードリーダー：ICカードリーダー 02 00",
            "名義人は、PIN番号を入力すると読み取れます。",
        ],
    ]
    assert ["enabled" in node.states for node in radios] == [True, True, True, False]
    assert radios[3].name.endswith("有効期限が切れているため、選べません。")
    assert reader.focused() == radios[0].name
    window.press("space", "Tab")
    assert reader.focused().startswith("次回から")
