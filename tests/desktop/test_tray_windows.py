"""The icon in Windows' notification area, its menu and its notifications, as Wine's own shell shows them."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.desktop import wine
from tests.desktop.display import click, find_window
from tests.desktop.registry import LIBRARIES, windows_path
from tests.desktop.tray_program import OPEN, STATUS
from tests.desktop.window import System
from tray import menu
from tray.menu import Actions, Item, State, Status

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

SITE = "https://ebid.example.jp"
NOBODY = Actions(*(lambda *_: None for _ in Actions._fields))
READ_ONLY, QUIT = 0, -1
"""Entries: the status, of which a choice does nothing, and the last."""
_PATIENCE = 120
"""Seconds in which Wine's shell has to show what it was asked for, on however busy a computer."""


class Icon:
    """The program, and the place where Wine shows its icon: a window of its own, as there is no taskbar."""

    def __init__(self, system: System) -> None:
        self._env = system.env
        module = ["-m", "tests.desktop.windows_tray", windows_path(LIBRARIES), "ja"]
        self.process = subprocess.Popen(
            ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", *module],
            env=system.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8",
        )  # fmt: skip
        self._places: list[list[int]] = []
        self._window = find_window(system.env, "Wine System Tray", 120)

    def click(self, button: int = 1) -> None:
        self.point("click", str(button))

    def point(self, *more: str) -> None:
        """To the icon; by two places, since Windows tells nobody of a pointer that stands where it stood."""
        steps = [["mousemove", "--window", self._window, *place, "sleep", "0.1"] for place in (("5", "7"), ("8", "10"))]
        subprocess.run(["xdotool", *steps[0], *steps[1], *more], env=self._env, check=True, timeout=60)

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        if not (line := self.process.stdout.readline()):
            raise AssertionError(f"the program has ended: {self.process.communicate()[1]}")
        return line.strip()

    def menu(self) -> list[Any]:
        """As Windows has it on the screen; it stays open."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:  # the first click may come before the icon
            self.click(3)
            self.say("menu")
            if (found := json.loads(self.hear()))["entries"]:
                self._places = found["places"]
                return list(found["entries"])
        raise AssertionError("no menu")

    def hint(self, beginning: str) -> list[str]:
        """What stands beside the icon when the pointer comes to it."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            self.point()
            self.say(f"shown {beginning}")
            if found := json.loads(self.hear()):
                return list(found)
        raise AssertionError("no hint")

    def choose(self, entry: int) -> None:
        """By the pointer, in the open menu, which then closes."""
        click(self._env, *self._places[entry])


@pytest.fixture
def icon(system: System) -> Iterator[Icon]:
    wine.start_services(system.env)
    made = Icon(system)
    yield made
    made.process.kill()
    made.process.communicate()


def entries(status: Status) -> list[Any]:
    return [_entry(item) for item in menu.items(status, NOBODY)]


def _entry(item: Item | None) -> list[Any] | None:
    """As `windows_tray` tells it: text, can be chosen, checked, default, what is inside."""
    if item is None:
        return None
    can_be_chosen = bool(item.inside) or item.line or item.action is not None
    inside = [_entry(each) for each in item.inside]
    return [item.text.replace("&", "&&"), can_be_chosen, bool(item.checked), item.default, inside]


def test_the_menu_is_what_the_status_says_and_a_choice_is_carried_out(icon: Icon) -> None:
    first = STATUS._replace(language="ja")
    assert icon.menu() == entries(first)
    icon.choose(READ_ONLY)
    icon.say("closed")
    assert icon.hear() == "true"
    icon.say(f"unlocked {SITE}")
    assert icon.hear() == "changed"
    assert icon.menu() == entries(first._replace(state=State.UNLOCKED, unlocked=(OPEN,), tries=1, granted=(SITE,)))
    icon.choose(QUIT)
    assert [icon.hear(), icon.hear()] == ["quit", "ended"]
    assert icon.process.wait(30) == 0


def test_a_click_opens_the_status_and_a_notification_is_the_shells(icon: Icon) -> None:
    icon.menu()
    icon.choose(READ_ONLY)
    icon.click()
    assert icon.hear() == "open"
    title = menu.title(STATUS._replace(language="ja"))
    assert icon.hint(title.split()[0]) == [title]
    told = "電子証明書の有効期限まで、あと 30 日です。" * 12
    icon.say(f"notice 有効期限 {told}")
    icon.say("shown 電子証明書")
    assert json.loads(icon.hear()) == [told[:255]]  # what Windows has room for
