"""From the page's button to a running bridge: the link that a person registered, Chromium's question, the desktop.

`card-bridge link install`, a press, Chromium's own question answered by keyboard, xdg-open, `card-bridge link open`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, Playwright, expect

from bridge.card.practice import pki as practice_pki
from tests.browser import chromium
from tests.browser.harness import Desk, make_desk, ring
from tests.browser.peer import Peer
from tests.browser.portal_desk import free_bridge_port, free_port, portal_beside
from tests.browser.start.checks import says
from tests.browser.start.test_bridge import NOT_RUNNING
from tests.browser.start.test_launch import NAME
from tests.desktop.display import Environment, display, pixel, press

pytestmark = [
    *ring,
    pytest.mark.skipif(
        not all(map(shutil.which, ("Xvfb", "openbox", "xdotool", "xdg-open"))),
        reason="needs a screen of its own (Xvfb) and xdg-utils",
    ),
]

BESIDE_THE_TEXT: Final = (20, 600)
BRIGHT: Final = 200  # of 255; the page is white
# Keys that come too soon put Chromium's answer off, by half a second each.
RETURNS, SETTLE_SECONDS = 30, 1.0
SLOW_MS: Final = 120_000
COMMAND: Final = ("-X", "utf8", "-m", "bridge.cli", "link")


@pytest.fixture
def person(tmp_path: Path) -> Iterator[tuple[Desk, Environment]]:
    """Somebody with a home and a screen; whatever was started from that home ends with the test."""
    (home := tmp_path / "home").mkdir()
    with display() as screen:
        yield make_desk(home), {"HOME": str(home), "PATH": os.environ["PATH"], "DISPLAY": screen["DISPLAY"]}
        end(home)


def end(home: Path) -> None:
    for process in started(home):
        os.kill(process, signal.SIGKILL)


def started(home: Path) -> list[int]:
    """The bridges that a link has started from this home, by process id."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command, environment = (folder.joinpath(name).read_bytes() for name in ("cmdline", "environ"))
            # xdg-open puts the address behind the command.
            if b"\0link\0open\0" in command and f"HOME={home}".encode() in environment.split(b"\0"):
                found.append(int(folder.name))
    return found


def settle(desk: Desk, screen: Environment, origin: str) -> None:
    """The person's own settings: the practice card, and this portal allowed; and the link is registered."""
    practice_pki.ensure(desk.home / "card/practice", datetime.now(UTC))
    sections: Mapping[str, Mapping[str, object]] = {
        "bridge": {"port": free_bridge_port()},
        "origins": {"allowed": [origin]},
        "card": {"practice": True, "directory": str(desk.home / "card")},
        "tls": {"directory": str(desk.certificates)},
        "log": {"directory": str(desk.home / "log")},
    }
    lines = [
        line
        for name, values in sections.items()
        for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    ]
    file = desk.home / ".config/card-bridge/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines), encoding="utf-8")
    subprocess.run([sys.executable, *COMMAND, "install"], env=screen, check=True, timeout=60)


async def test_a_press_starts_the_bridge_and_the_page_goes_on(
    person: tuple[Desk, Environment], playwright: Playwright, tmp_path: Path
) -> None:
    desk, screen = person
    port = free_port()
    origin = f"https://localhost:{port}"
    settle(desk, screen, origin)
    async with portal_beside(desk, tmp_path, Peer(), origin, port) as at:
        browser = await chromium.launch(playwright, desk.home, headless=False, environment=screen)
        page = await (await browser.new_context(locale="ja-JP")).new_page()
        await page.goto(f"{at.origin}/registration")
        await says(page, "bridge", "bad", *NOT_RUNNING)
        await _press(page, screen)
        await expect(page.locator("#check-bridge .value")).to_have_text("つながりました", timeout=SLOW_MS)
        await says(page, "card", "good", "練習用カード")
        assert len(started(desk.home)) == 1
        end(desk.home)  # it holds Chromium's pipes, whose end the browser's driver waits for
        await browser.close()


async def _press(page: Page, screen: Environment) -> None:
    """The button, and Open in Chromium's question, which has the focus on Cancel and takes no answer at first."""
    await page.get_by_role("button", name=NAME).click(timeout=60_000)
    await _until_asks(screen, True)
    press(screen, "Tab")
    for _ in range(RETURNS):
        press(screen, "Return")
        with contextlib.suppress(TimeoutError):
            return await _until_asks(screen, False, SETTLE_SECONDS)
    raise AssertionError("the question stays")


async def _until_asks(screen: Environment, asks: bool, seconds: float = 60) -> None:
    """The page is dark while Chromium asks. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while (max(pixel(screen, *BESIDE_THE_TEXT)) < BRIGHT) is not asks:  # noqa: ASYNC110 - of another program
            await asyncio.sleep(0.1)
