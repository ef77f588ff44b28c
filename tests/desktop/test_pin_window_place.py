"""How the PIN window stands on the desktop, and that it says how long it stays."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.desktop.display import Environment, find_window
from tests.desktop.test_pin_window_words import words
from tests.desktop.window import Window


def test_the_window_stays_above_others(ask: Callable[..., Window], screen: Environment) -> None:
    window = ask()
    window.wait_shown()
    number = find_window(screen, "PIN番号入力ダイアログ")
    shown = subprocess.run(["xprop", "-id", number, "_NET_WM_STATE"], env=screen, capture_output=True, check=True)
    assert b"_NET_WM_STATE_ABOVE" in shown.stdout


@pytest.mark.parametrize(
    ("language", "seconds", "said"),
    [
        ("ja", 300, "5 分たつと閉じます"),
        ("en", 300, "Closes after 5 minutes"),
        ("ja", 90, "2 分たつと閉じます"),
    ],
)
def test_its_time_is_said_from_the_beginning(language: str, seconds: int, said: str) -> None:
    assert words(language=language, timeoutSeconds=seconds)[-1] == said
