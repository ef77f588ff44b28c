"""Who double-clicks the MSI: the dialogs by keyboard, in both languages, as far as Wine shows them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.desktop.display import find_window, focus_window, press
from tests.windows.pc import PC, Program, files, files_of, running, until, wait_for_start
from tests.windows.product import FOLDER, MSI

TITLES = {"ja": "Card Bridge のセットアップ", "en": "Card Bridge Setup"}
CANCELLED = 1602 % 256  # ERROR_INSTALL_USEREXIT, of which Linux has the last eight bits
SECONDS = 300
"""For a window to come. Between two of them, while the installer works, Wine shows none: seconds, on a busy computer
minutes."""


def opened(pc: PC, language: str) -> tuple[Program, str]:
    """The installer and its first window."""
    program = pc.start("msiexec", "/i", MSI, f"LANGUAGE={language}")
    window = find_window(pc.env, TITLES[language], SECONDS)
    focus_window(pc.env, window)
    return program, window


def following(pc: PC, title: str, *seen: str) -> str:
    """The next window of that title, once it has come: after the installer's work, too."""
    until(lambda: find_window(pc.env, title, SECONDS) not in seen, "no further window", SECONDS)
    window = find_window(pc.env, title)
    focus_window(pc.env, window)
    return window


def answered(pc: PC, key: str, title: str, *seen: str) -> str:
    """The window that follows a key. Wine's first window may be shown before it takes keys: then once more."""
    for _ in range(2):
        press(pc.env, key)
        with contextlib.suppress(TimeoutError):
            until(lambda: find_window(pc.env, title, 90) not in seen, "no further window", 30)
            break
        focus_window(pc.env, seen[-1])
    return following(pc, title, *seen)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_who_cancels_has_changed_nothing(bare: Path, language: str) -> None:
    title = TITLES[language]
    with running(bare) as pc:
        clean = files(pc)
        program, welcome = opened(pc, language)
        question = answered(pc, "Escape", title, welcome)
        press(pc.env, "Escape")  # no
        until(lambda: find_window(pc.env, title) == welcome, "the question stays")
        focus_window(pc.env, welcome)
        press(pc.env, "Escape")
        again = following(pc, title, welcome, question)
        press(pc.env, "Return")  # yes
        following(pc, title, welcome, question, again)
        press(pc.env, "Return")
        assert program.end()[1] == CANCELLED
        assert files(pc) == clean


def test_who_installs_may_start_the_bridge_at_the_end(bare: Path) -> None:
    with running(bare) as pc:
        program, welcome = opened(pc, "ja")
        progress = answered(pc, "Return", TITLES["ja"], welcome)
        following(pc, TITLES["ja"], welcome, progress)
        press(pc.env, "Return")  # 今すぐ起動する is ticked
        assert program.end()[1] == 0
        assert (pc.drive / FOLDER / "card-bridge.exe").exists()
        wait_for_start(pc)


def test_who_repairs_a_damaged_program_has_it_whole_again(installed: Path) -> None:
    with running(installed) as pc:
        whole = contents(pc)
        for name in ("card-bridge.exe", "lib/bridge/cli.py"):
            (pc.drive / FOLDER / name).unlink()
        (pc.drive / FOLDER / "lib/bridge/service.py").write_bytes(b"damaged")
        program, choice = opened(pc, "ja")
        press(pc.env, "Return")  # 修復
        progress = following(pc, TITLES["ja"], choice)
        following(pc, TITLES["ja"], choice, progress)
        press(pc.env, "Return")  # 今すぐ起動する is ticked
        assert program.end()[1] == 0
        assert contents(pc) == whole
        wait_for_start(pc)


def contents(pc: PC) -> dict[str, bytes]:
    """Of the program's files."""
    folder = pc.drive / FOLDER
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_who_removes_the_program_has_none(installed: Path, bare_disk: Path) -> None:
    with running(installed) as pc:
        program, choice = opened(pc, "ja")
        press(pc.env, "Tab", "Return")  # 削除
        progress = following(pc, TITLES["ja"], choice)
        following(pc, TITLES["ja"], choice, progress)
        press(pc.env, "Return")
        assert program.end()[1] == 0
        assert files(pc) == files_of(bare_disk)
