"""Where a person asked their desktop for high contrast, windows have its two colours and no shades between."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.display import Environment, find_window, screenshot
from tests.desktop.screen_reader import spoken_desktop
from tests.desktop.window import OWN, Shown, System, Window
from tray.pin_window.moods import Mood

SHADES = {tone for mood in Mood for tone in (mood.value[0].ground, mood.value[0].edge)}
LAST = {"hint": "last", "count": 1, "max": 3, "source": "card"}
_SECONDS = 30.0


@pytest.fixture(scope="module")
def screen() -> Iterator[Environment]:
    with spoken_desktop() as env:
        yield env | {"XDG_CURRENT_DESKTOP": "GNOME"}


@contextlib.contextmanager
def high_contrast(env: Environment) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.desktop.settings_portal"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as desktop:
        assert desktop.stdout is not None
        assert desktop.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            desktop.kill()


def colours(window: Shown, env: Environment, file: Path) -> str:
    """Of every pixel, as ImageMagick lists them."""
    screenshot(env, file, find_window(env, window.titles))
    command = ["convert", str(file), "-format", "%c", "histogram:info:"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.lower()


def shades(window: Shown, env: Environment, file: Path) -> set[str]:
    found = colours(window, env, file)
    return {shade for shade in SHADES if shade in found}


def test_boxes_lose_their_shades_once_the_desktop_has_answered(screen: Environment, tmp_path: Path) -> None:
    asked = {"tries": LAST, "failures": 2, "notice": "pin_wrong", "typed": "承知しました"}
    plain = Window(System(screen, OWN), **asked)
    plain.wait_shown()
    assert len(shades(plain, screen, tmp_path / "plain.png")) == len(SHADES)
    plain.end()
    with high_contrast(screen):
        window = Window(System(screen, OWN), **asked)
        window.wait_shown()
        end = time.monotonic() + _SECONDS
        while left := shades(window, screen, tmp_path / "contrast.png"):
            assert time.monotonic() < end, left
        window.end()
