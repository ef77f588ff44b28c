"""The icon of a running bridge shows what was signed last, from the record, also of an earlier day of the bridge."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

import pytest

from tests.desktop.display import Environment, display, press, screenshot, tray_host
from tests.desktop.test_tray_icon import wait_for_icon
from tests.desktop.tray_menu import open_menu
from tests.flow.bridge import Bridge, prepare, statement


async def sign(bridge: Bridge, action: str) -> None:
    bridge.plan("pin 1234")
    async with bridge.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement(action=action)}
        await page.result("sign", wanted)


def opened(screen: Environment, picture: Path) -> int:
    """How many pixels the entry of the signatures, the fourth from above, adds to the open menu."""
    open_menu(screen)
    before = picture.with_name("before.png")
    screenshot(screen, before)
    press(screen, "Down", "Down", "Down", "Down", "Right")
    time.sleep(1)
    screenshot(screen, picture)
    press(screen, "Escape", "Escape", "Escape")
    time.sleep(0.5)
    command = ["compare", "-metric", "AE", str(before), str(picture), "null:"]
    return int(float(subprocess.run(command, capture_output=True, text=True, check=False).stderr.split()[0]))


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_last_signatures_stand_in_the_menu(tmp_path: Path, language: str) -> None:
    with display() as screen:
        screen.pop("DBUS_SESSION_BUS_ADDRESS", None)  # so that the classic tray is used
        with tray_host(screen):
            bridge = prepare(tmp_path)
            bridge.screen = {**screen, "BROWSER": "true"}
            bridge.fresh_card()
            for _ in range(2):
                await bridge.start(bridge={"language": language})
                try:
                    await asyncio.to_thread(wait_for_icon, screen, tmp_path)
                    await sign(bridge, "ログイン")
                    await sign(bridge, "利用者登録（登録）" * 5)
                    await asyncio.sleep(1)
                    shown = await asyncio.to_thread(opened, screen, tmp_path / "menu.png")
                    # A menu of its own with a line for each: far more than a mark that moves.
                    assert shown > 20_000
                finally:
                    await bridge.stop()
