"""The daemon with its icon: what the person allowed stands in the menu and is taken back there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.desktop.display import Environment, display, press, tray_host
from tests.desktop.test_tray_icon import wait_for_icon
from tests.desktop.tray_menu import choose
from tests.flow.bridge import Bridge, prepare

SITE = "https://new.example"


class WithIcon(Bridge):
    def terminal(self, *words: str) -> str:
        command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "origins", "--config"]
        whole = [*command, str(self.directory / "bridge.toml"), *words]
        return subprocess.run(whole, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout


@pytest.fixture(scope="module")
def desktop() -> Iterator[Environment]:
    with display() as env:
        env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        with tray_host(env):
            yield env


@pytest_asyncio.fixture
async def bridge(desktop: Environment, tmp_path: Path) -> AsyncIterator[WithIcon]:
    made = WithIcon(prepare(tmp_path).directory)
    made.screen = {**desktop, "BROWSER": "true"}  # a key that goes astray opens no status page
    made.fresh_card()
    await made.start(origins={"locked": False})
    await asyncio.to_thread(wait_for_icon, desktop, tmp_path)
    yield made
    await made.stop()


def choose_last_site(env: Environment) -> None:
    choose(env, "sites", "Up")


async def test_what_the_person_allowed_is_taken_back_in_the_menu(bridge: WithIcon, desktop: Environment) -> None:
    (bridge.directory / "consent-plan").write_text("remember", encoding="utf-8")
    async with bridge.page(SITE) as page, page.socket() as socket:
        await socket.ask(1, "connect", {})
        assert (await socket.reply(1))["result"]["origin"] == SITE
        assert SITE in bridge.terminal("list")
        await asyncio.to_thread(choose_last_site, desktop)
        assert await socket.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
    assert SITE not in bridge.terminal("list")


async def test_what_a_terminal_allowed_comes_into_the_menu(bridge: WithIcon, desktop: Environment) -> None:
    bridge.terminal("allow", SITE)
    for _ in range(10):
        await asyncio.to_thread(choose_last_site, desktop)
        await asyncio.to_thread(press, desktop, "Escape", "Escape")
        if SITE not in bridge.terminal("list"):
            return
    raise AssertionError("the menu never offered it")
