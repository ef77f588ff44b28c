"""The real icon in a real notification area, clicked."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.display import Environment, click, display, screenshot, tray_host
from tests.desktop.tray_menu import ICON, choose


@pytest.fixture(scope="module")
def desktop() -> Iterator[Environment]:
    """A screen with a notification area; no session bus, so that the classic tray is used."""
    with display() as env:
        env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        with tray_host(env):
            yield env


@contextlib.contextmanager
def program(env: Environment, language: str = "ja") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.desktop.tray_program", language]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def wait_for_icon(env: Environment, tmp_path: Path) -> None:
    """Until something blue is where the icon belongs."""
    wait_for_colour("#1F5FA8", env, tmp_path)


def wait_for_colour(colour: str, env: Environment, tmp_path: Path) -> None:
    end = time.monotonic() + 60
    while colour not in colours(env, tmp_path):
        assert time.monotonic() < end, f"the icon is not {colour}"
        time.sleep(0.2)


def colours(env: Environment, tmp_path: Path) -> str:
    screenshot(env, tmp_path / "now.png")
    command = ["convert", str(tmp_path / "now.png"), "-crop", "32x32+1248+992", "-format", "%c", "histogram:info:"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_click_opens_the_status_and_the_menu_quits(desktop: Environment, tmp_path: Path) -> None:
    with program(desktop) as process:
        wait_for_icon(desktop, tmp_path)
        click(desktop, *ICON)
        assert line(process) == "open"
        choose(desktop, "quit")
        assert line(process) == "quit"
        assert line(process) == "ended"
        assert process.wait(10) == 0


def test_an_update_changes_picture_and_menu(desktop: Environment, tmp_path: Path) -> None:
    with program(desktop) as process:
        wait_for_icon(desktop, tmp_path)
        assert process.stdin is not None
        process.stdin.write("unlocked\n")
        process.stdin.flush()
        end = time.monotonic() + 30
        while "#E08A00" not in colours(desktop, tmp_path):
            assert time.monotonic() < end, "the picture did not change"
            time.sleep(0.2)
        choose(desktop, "forget", without=("sites",))
        assert line(process) == "forget"


def test_a_site_that_the_person_allowed_is_revoked_in_the_menu(desktop: Environment, tmp_path: Path) -> None:
    with program(desktop) as process:
        wait_for_icon(desktop, tmp_path)
        assert process.stdin is not None
        process.stdin.write("no_card https://a.example https://b.example\n")
        process.stdin.flush()
        end = time.monotonic() + 30
        while "#1F5FA8" in colours(desktop, tmp_path):
            assert time.monotonic() < end, "the picture did not change"
            time.sleep(0.2)
        choose(desktop, "sites", "Down")
        assert line(process) == "revoke https://b.example"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_quit_as_the_menu_does(desktop: Environment, tmp_path: Path, number: signal.Signals) -> None:
    with program(desktop) as process:
        wait_for_icon(desktop, tmp_path)
        process.send_signal(number)
        assert line(process) == "quit"
        assert line(process) == "ended"


def test_without_a_notification_area_it_says_so_once_and_goes_on() -> None:
    with display("640x480") as env:
        env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        with program(env, "en") as process:
            assert line(process) == "no icon"
            process.send_signal(signal.SIGTERM)
            assert line(process) == "quit"
            assert line(process) == "ended"
