"""The procedure's sentences on Pin番号入力ダイアログ stand in the window, in its order (no screen needed)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.desktop.questions import question

LEAD = "PIN番号を入力してください。"
ABOUT = "PIN番号とは、ICカード購入時に認証局から送られてきた暗証番号のことです。"
LOCK = (
    "PIN番号を複数回間違えると、ICカードがロックされ、使用できなくなります。"
    "ロックの解除は認証局への依頼が必要で、数日かかる場合があります。"
)


def words(**changes: Any) -> list[str]:
    shown = subprocess.run(
        [sys.executable, "-m", "tests.desktop.window_words"],
        input=question(**changes),
        capture_output=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    return list(json.loads(shown.stdout))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [LEAD, ABOUT, "PIN番号", "残り 3 回（最大 3 回）", "担当者", "入力不要", LOCK]),
        (
            {"language": "en"},
            [
                "Please enter your PIN.",
                "The PIN is your card's secret number. Your certification authority sent it to you with the card.",
                *("PIN", "3 of 3 tries left", "Person in charge", "not needed"),
                "Several wrong PINs in a row lock the card, and it can no longer be used. Only your certification "
                "authority can help you unlock it, which may take days.",
            ],
        ),
    ],
)
def test_what_a_pin_is_comes_before_its_field_and_the_field_before_the_person(
    changes: dict[str, Any], expected: list[str]
) -> None:
    shown = words(**changes)
    assert [text for text in shown if text in expected] == expected


def test_a_consent_says_nothing_of_a_pin() -> None:
    assert not [text for text in words(kind="confirm", pin=None, tries=None) if "PIN" in text or "ロック" in text]
