"""The procedure's sentences on Pin番号入力ダイアログ stand in the window, in its order (no screen needed)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.desktop.questions import question
from tests.procedure.table import SCREENS, WINDOW
from tray.pin_window.texts import load


def words(**changes: Any) -> list[str]:
    shown = subprocess.run(
        [sys.executable, "-m", "tests.desktop.window_words"],
        input=question(**changes),
        capture_output=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    return list(json.loads(shown.stdout))


def test_in_english_what_a_pin_is_comes_before_its_field_and_the_field_before_the_person() -> None:
    expected = [
        "Please enter your PIN.",
        "The PIN is your card's secret number. Your certification authority sent it to you with the card.",
        *("PIN", "3 of 3 tries left", "Person in charge", "not needed"),
        "Several wrong PINs in a row lock the card, and it can no longer be used. Unlocking it usually takes your "
        "certification authority, and may take days.",
    ]
    assert [text for text in words(language="en") if text in expected] == expected


def test_what_the_table_of_screens_has_stands_in_the_window_in_order() -> None:
    screen, shown = SCREENS[WINDOW], "\n".join(words())
    place = 0
    for said in screen.said:
        assert said in shown[place:], f"not there, or not after what stands before it in the table: {said}"
        place = shown.index(said, place) + len(said)
    assert [each.procedure for each in screen.changes if each.procedure in shown] == []
    assert "残り 3 回（最大 3 回）" in shown


def test_its_buttons_are_the_tables() -> None:
    assert (load("ja").ok, load("ja").cancel) == SCREENS[WINDOW].buttons


def test_a_consent_says_nothing_of_a_pin() -> None:
    assert not [text for text in words(kind="confirm", pin=None, tries=None) if "PIN" in text or "ロック" in text]
