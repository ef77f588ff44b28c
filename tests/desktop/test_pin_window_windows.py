"""What the PIN window owes to Windows alone: names for screen readers, and a field that other programs cannot use."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.desktop import wine
from tests.desktop.window import System, Window
from tray.pin_window.texts import load

Ask = Callable[..., Window]
pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)
JA = load("ja")
# Numbers of tray/pin_window/win32/controls.py, which automation finds them by.
OK, CANCEL, HALF_WIDTH, UPPER_CASE, EXTEND, LIST, PIN, WORD, PERSON = 1, 2, 101, 102, 103, 104, 110, 111, 113


def peer(system: System, action: str) -> Any:
    """What another program on the same desktop finds, or does."""
    program = Path(__file__).with_name("windows_peer.py")
    command = ["wine", str(wine.PYTHON), "-I", "-X", "utf8", str(program), action]
    done = subprocess.run(
        command, env=system.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def test_screen_readers_find_a_name_for_everything_that_takes_the_focus(ask: Ask, system: System) -> None:
    window = ask(typed="承知しました")
    window.wait_ready()
    found = peer(system, "names")
    expected = {
        PIN: JA.pin,
        WORD: "確認のため「承知しました」と入力してください",
        PERSON: "担当者 入力不要",
        OK: JA.ok,
        CANCEL: JA.cancel,
        LIST: JA.content_access,
        HALF_WIDTH: "半角に直す(H)",
        UPPER_CASE: "大文字に直す(U)",
        EXTEND: "時間を延ばす(E)",
    }
    assert {int(number): name for number, name in found.items() if int(number) in expected} == expected


def test_another_program_reads_dots_and_puts_nothing_into_the_field(ask: Ask, system: System) -> None:
    window = ask()
    window.wait_ready()
    window.type("1357")
    assert peer(system, "read") == "●●●●"
    peer(system, "write")
    assert peer(system, "read") == "●●●●"
    window.press("Return")
    assert window.answer().octets == b"1357"


def test_text_stands_out_on_light_and_on_dark_grounds(system: System) -> None:
    """4.5 to 1 and more for secondary text, 7 to 1 in boxes, which follow the ground (WCAG 2.2 §1.4.3, §1.4.6)."""
    done = wine.python(system.env, "-m", "tests.desktop.windows_colours")
    assert done.returncode == 0, done.stderr
    for name, (text, ground) in json.loads(done.stdout).items():
        assert contrast(text, ground) >= (4.5 if name.endswith("None") else 7), name
        assert (luminance(ground) < 0.2) == name.startswith("dark"), name


def contrast(one: list[int], other: list[int]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: list[int]) -> float:
    """WCAG 2.2, relative luminance."""
    shares = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
