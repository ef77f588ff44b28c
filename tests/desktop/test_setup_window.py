"""The window of the first run on a real screen, by keys, as a screen reader reads it; and when it opens by itself."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge import settings
from bridge.card.practice import card as practice
from tests.desktop.consent import TITLES as CONSENT
from tests.desktop.display import (
    Environment,
    find_window,
    focus_window,
    minimize_window,
    press,
    type_text,
    wait_focused,
    wait_gone,
)
from tests.desktop.screen_reader import ScreenReader, spoken_desktop
from tests.desktop.setup_window import TITLES, SetupWindow
from tray.first_run.course import Step
from tray.first_run.opening import Opener

PIN = "PIN番号入力ダイアログ"
GUARD_SECONDS = 1.2
"""Longer than the windows ignore keys for."""


@pytest.fixture(scope="module")
def screen() -> Iterator[Environment]:
    with spoken_desktop() as env:
        yield env


@pytest.fixture
def opened(screen: Environment, tmp_path: Path) -> Iterator[Callable[..., SetupWindow]]:
    windows: list[SetupWindow] = []

    def open_window(language: str = "ja", step: Step = Step.TRUST) -> SetupWindow:
        windows.append(SetupWindow(screen, tmp_path, language, step))
        windows[-1].open()
        focus_window(screen, find_window(screen, TITLES, 60))
        return windows[-1]

    yield open_window
    for window in windows:
        window.end()


@pytest.fixture
def reader(screen: Environment) -> Iterator[ScreenReader]:
    made = ScreenReader(screen)
    yield made
    made.end()


def ready(reader: ScreenReader, words: str, seconds: float = 120) -> list[str]:
    """Wait until these words are read and buttons can be pressed: what was looked at is there. All names."""
    end = time.monotonic() + seconds
    while True:
        named = [each for each in reader.tree() if each.name]
        names = [each.name for each in named]
        if any(words in name for name in names) and all("enabled" in each.states for each in named):
            return names
        assert time.monotonic() < end, names
        time.sleep(0.1)


def test_a_signature_with_the_practice_card_by_keys_alone(
    opened: Callable[..., SetupWindow], reader: ScreenReader, screen: Environment
) -> None:
    window = opened(step=Step.TRIAL)
    before = practice.read(window.bridge.practice)
    ready(reader, "PIN番号は 1234 です")
    press(screen, "alt+p")
    wait_focused(screen, find_window(screen, CONSENT, 120), 60)
    time.sleep(GUARD_SECONDS)
    press(screen, "alt+o")
    wait_focused(screen, find_window(screen, PIN, 120), 60)
    time.sleep(GUARD_SECONDS)
    type_text(screen, "1234")
    press(screen, "Return")
    wait_gone(screen, PIN, 60)
    ready(reader, "練習用カードの署名は正しく確かめられました")
    assert practice.read(window.bridge.practice) == before
    focus_window(screen, find_window(screen, TITLES))
    press(screen, "alt+c")
    assert window.process is not None
    assert window.process.wait(60) == 0
    assert window.remembered().finished


def test_enter_goes_on_alt_b_back_and_escape_leaves_the_rest_for_later(
    opened: Callable[..., SetupWindow], reader: ScreenReader, screen: Environment
) -> None:
    window = opened("en", Step.SOFTWARE)
    ready(reader, "Who issued your card")
    press(screen, "Return")
    ready(reader, "4 of 5")
    assert window.remembered().step is Step.CARD
    press(screen, "alt+b")
    ready(reader, "3 of 5")
    press(screen, "Escape")
    assert window.process is not None
    assert window.process.wait(60) == 0
    assert (window.remembered().step, window.remembered().finished) == (Step.SOFTWARE, False)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ["証明書: 未確認", "ブラウザ: 正常 (現在の画面)"]),
        ("en", ["Certificates: not looked at", "Browser: good (shown now)"]),
    ],
)
def test_a_screen_reader_gets_the_page_its_steps_and_every_control(
    opened: Callable[..., SetupWindow], reader: ScreenReader, language: str, words: list[str]
) -> None:
    opened(language, Step.BROWSER)
    names = ready(reader, "https://ebid.example.jp")
    assert set(words) <= set(names)
    assert "http://plain.example.jp/" in reader.focused()  # the page is read from its heading on
    assert all(each.name for each in reader.tree() if "focusable" in each.states)


def test_a_second_one_brings_the_first_to_the_front_and_ends(
    opened: Callable[..., SetupWindow], reader: ScreenReader, screen: Environment
) -> None:
    window = opened("en", Step.CARD)
    ready(reader, "4 of 5")
    first = find_window(screen, TITLES)
    minimize_window(screen, first)
    wait_gone(screen, TITLES)
    said, _ = window.start().communicate(timeout=60)
    assert b"The window is open already" in said
    assert find_window(screen, TITLES) == first
    wait_focused(screen, first)


def test_the_icons_menu_brings_the_open_one_to_the_front(
    screen: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = SetupWindow(screen, tmp_path)
    for name, value in {**screen, "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    config = window.folder / "bridge.toml"
    opener = Opener(settings.load(config), config)
    opener.open()
    first = find_window(screen, TITLES, 60)
    wait_focused(screen, first, 60)
    minimize_window(screen, first)
    wait_gone(screen, TITLES)
    opener.open()
    assert find_window(screen, TITLES) == first
    wait_focused(screen, first)
    opener.close()
    wait_gone(screen, TITLES)


# --- by itself --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def bridge(env: Environment, home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`card-bridge run` as a person starts it, up to its ready line: by then the window is decided on."""
    places = {name: str(home / name.lower()) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "run", *options]
    with subprocess.Popen(
        command, env={**env, **places, "HOME": str(home), "LANG": "ja_JP.UTF-8"}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert " ready " in process.stdout.readline()
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def windows_of(process: subprocess.Popen[str]) -> list[bytes]:
    """Its children that are windows of the first run."""
    children = [
        pid
        for file in Path(f"/proc/{process.pid}/task").glob("*/children")
        for pid in file.read_text(encoding="ascii").split()
    ]
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children]
    return [line for line in lines if b"tray.first_run.window" in line]


def test_it_opens_by_itself_at_the_first_start_and_never_again(screen: Environment, tmp_path: Path) -> None:
    with bridge(screen, tmp_path) as first:
        assert len(windows_of(first)) == 1
        focus_window(screen, find_window(screen, TITLES, 60))
        press(screen, "Escape")
        wait_gone(screen, TITLES, 60)
    with bridge(screen, tmp_path) as second:
        assert windows_of(second) == []


def test_it_goes_from_the_screen_with_its_bridge(screen: Environment, tmp_path: Path) -> None:
    with bridge(screen, tmp_path):
        find_window(screen, TITLES, 60)
    wait_gone(screen, TITLES, 1)


def test_an_administrator_keeps_it_closed_and_without_an_icon_nobody_asked(screen: Environment, tmp_path: Path) -> None:
    settings = tmp_path / "xdg_config_home" / "card-bridge" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[setup]\nwindow = false\n", encoding="utf-8")
    with bridge(screen, tmp_path) as kept:
        assert windows_of(kept) == []
    settings.write_text("", encoding="utf-8")
    with bridge(screen, tmp_path, "--no-tray") as plain:
        assert windows_of(plain) == []
