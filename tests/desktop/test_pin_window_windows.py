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
