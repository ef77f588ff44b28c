"""The icon of a running bridge tells what it knows of the card, and opens what its person asks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.card.practice import card as practice
from tests.desktop.display import Environment, display, find_window, focus_window, press, tray_host, wait_gone
from tests.desktop.setup_window import TITLES
from tests.desktop.test_tray_icon import wait_for_colour
from tests.desktop.tray_menu import choose, open_menu
from tests.flow.bridge import Bridge, prepare

pytestmark = pytest.mark.asyncio(loop_scope="module")

READY, NEARLY_LOCKED, UNLOCKED = "#1D8A3C", "#C62828", "#E08A00"
FILES = """[Desktop Entry]
Type=Application
Name=Files
Exec={program} %f
MimeType=inode/directory;
"""


def file_manager(directory: Path) -> Environment:
    """A desktop's file manager that only writes down what it is to open."""
    program, applications = directory / "files.sh", directory / "share" / "applications"
    script = f'#!/bin/sh\nprintf %s "$1" > {directory}/opened.new\nmv {directory}/opened.new {directory}/opened\n'
    program.write_text(script)
    program.chmod(0o755)
    applications.mkdir(parents=True)
    (applications / "files.desktop").write_text(FILES.format(program=program))
    (directory / "mimeapps.list").write_text("[Default Applications]\ninode/directory=files.desktop\n")
    return {"XDG_DATA_HOME": str(directory / "share"), "XDG_CONFIG_HOME": str(directory)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Bridge, Environment]]:
    with display() as screen:
        screen.pop("DBUS_SESSION_BUS_ADDRESS", None)  # so that the classic tray is used
        with tray_host(screen):
            bridge = prepare(tmp_path_factory.mktemp("bridge"))
            bridge.screen = screen | {"BROWSER": "true"} | file_manager(tmp_path_factory.mktemp("files"))
            bridge.fresh_card()
            practice.write(bridge.practice, practice.read(bridge.practice)._replace(tries_left=1))
            await bridge.start()
            try:
                yield bridge, screen
            finally:
                await bridge.stop()


async def test_reading_the_card_tells_that_it_is_nearly_locked_and_costs_nothing(
    desk: tuple[Bridge, Environment], tmp_path: Path
) -> None:
    bridge, screen = desk
    await asyncio.to_thread(wait_for_colour, READY, screen, tmp_path)
    open_menu(screen)
    press(screen, "Down", "Down", "Down", "Right", "Up", "Return")  # the last line of what is known of the card
    await asyncio.to_thread(wait_for_colour, NEARLY_LOCKED, screen, tmp_path)
    assert (bridge.questions(), bridge.tries_left) == ([], 1)


async def written(bridge: Bridge, line: str) -> None:
    end = time.monotonic() + 30
    while line not in (bridge.directory / "bridge.toml").read_text(encoding="utf-8").splitlines():
        assert time.monotonic() < end, f"no {line}"
        await asyncio.sleep(0.1)


async def test_what_is_chosen_in_the_menu_is_kept(desk: tuple[Bridge, Environment]) -> None:
    bridge, screen = desk
    before = (bridge.directory / "bridge.toml").read_text(encoding="utf-8").splitlines()
    await asyncio.to_thread(choose, screen, "language", "Down", "Down", without=("sites",))
    await written(bridge, 'language = "en"')
    await asyncio.to_thread(choose, screen, "notices")
    await written(bridge, "card_notices = true")
    await asyncio.to_thread(choose, screen, "notices")
    await written(bridge, "card_notices = false")
    after = (bridge.directory / "bridge.toml").read_text(encoding="utf-8").splitlines()
    assert set(before) ^ set(after) == {'language = "ja"', 'language = "en"', "card_notices = false"}


async def test_the_right_pin_takes_the_warning_away(desk: tuple[Bridge, Environment], tmp_path: Path) -> None:
    """The card host ran before the language was changed, and asks in the new one."""
    bridge, screen = desk
    bridge.plan("pin 1234 LAST TRY")
    async with bridge.page() as page:
        await page.result("pin/open", {"certificate": await page.certificate(), "action": "ログイン"})
    assert bridge.questions()[-1]["language"] == "en"
    await asyncio.to_thread(wait_for_colour, UNLOCKED, screen, tmp_path)


async def test_the_log_folder_opens_in_the_file_manager(desk: tuple[Bridge, Environment]) -> None:
    bridge, screen = desk
    assert bridge.screen is not None
    opened = Path(bridge.screen["XDG_CONFIG_HOME"]) / "opened"
    choose(screen, "log")
    end = time.monotonic() + 30
    while not opened.exists():
        assert time.monotonic() < end, "no folder was opened"
        await asyncio.sleep(0.1)
    assert opened.read_text() == str(bridge.directory / "log")


async def test_the_first_run_opens_from_the_menu(desk: tuple[Bridge, Environment]) -> None:
    _, screen = desk
    choose(screen, "setup")
    focus_window(screen, await asyncio.to_thread(find_window, screen, TITLES, 60))
    press(screen, "Escape")
    await asyncio.to_thread(wait_gone, screen, TITLES, 60)
