"""A login in real Firefox ESR by the keyboard: the real portal, the real bridge and its practice card.

Firefox is not driven (docs/decisions/0042-browsers-without-a-driver.md): what it does is seen by what the portal gets.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from aiohttp import web

from portal.settings import Site
from portal.web import app
from tests import private_system
from tests.browser import site
from tests.browser.portal_desk import free_port
from tests.browser.real_bridge import PIN, accept_its_card, logins, real_bridge
from tests.browser.test_firefox import public, skip, trusting
from tests.browser.visits import ELSEWHERE, FIREFOX, executable, visiting
from tests.desktop.display import Environment, display, find_window, press, press_and_see, wait_focused
from tests.flow.bridge import Bridge
from tests.private_system import HOMES, PrivateSystem
from tests.unit.portal_world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(executable(FIREFOX) is None, reason="needs an installed Firefox"),
    pytest.mark.skipif(not private_system.available(), reason="needs a mount namespace for an administrator's files"),
    pytest.mark.skipif(
        not all(map(shutil.which, ("Xvfb", "openbox", "xdotool"))), reason="needs a screen of its own (Xvfb)"
    ),
]

MENU: Final = "利用者登録メニュー"
# The skip link, its Enter, and from the main part on the first button.
TO_THE_FIRST_BUTTON: Final = ("Tab", "Return", "Tab")
SCRIPTS: Final = ("/static/card-bridge.js", "/static/messages.js")
"""What the menu loads last, in either order."""
SECONDS: Final = 180  # for Firefox to start, and a login to come to its end
PRESSED_SECONDS: Final = 60
SETTLE_SECONDS: Final = (3, 6, 12)


class Computer(NamedTuple):
    """Everything that runs; `visited` are the pages and scripts that the portal sent."""

    system: PrivateSystem
    portal: World
    bridge: Bridge
    origin: str
    port: int
    visited: asyncio.Queue[str]

    async def until(self, *paths: str, seconds: float = SECONDS) -> None:
        """All of them were sent. Raises TimeoutError."""
        missing = set(paths)
        async with asyncio.timeout(seconds):
            while missing:
                missing.discard(await self.visited.get())


@contextlib.asynccontextmanager
async def computer(folder: Path) -> AsyncIterator[Computer]:
    system, tls = trusting(folder)
    port, visited = free_port(), asyncio.Queue[str]()
    origin = f"https://{ELSEWHERE}:{port}"

    async def note(request: web.Request, response: web.StreamResponse) -> None:
        # A second visit has its scripts in the cache, and asks whether they are the same.
        if response.status in (web.HTTPOk.status_code, web.HTTPNotModified.status_code):
            visited.put_nowait(request.path)

    async with world(folder / "portal") as made, real_bridge(folder / "bridge", folder / "tls", origin) as bridge:
        made.configure(site=Site(origin, origin, practice=True))
        accept_its_card(made, bridge)
        pages = app.build(made.portal, made.portal.settings)
        pages.on_response_prepare.append(note)
        async with site.served(pages, tls, port):
            yield Computer(system, made, bridge, origin, port, visited)


def menu_open(at: Computer, screen: Environment) -> contextlib.AbstractContextManager[None]:
    home = at.system.real(HOMES / "root")
    return visiting(
        FIREFOX, home, f"{at.origin}/registration/menu", within=at.system.command(), preferences=public(at.port),
        screen=screen,
    )  # fmt: skip


async def test_by_the_administrators_policy_a_card_logs_in_unasked(tmp_path: Path) -> None:
    async with computer(tmp_path) as at:
        skip(at.system, ELSEWHERE)
        at.bridge.plan(f"pin {PIN}")
        with display() as screen:
            await log_in(at, screen)
        assert await logins(at.portal) == 1
        assert at.bridge.questions()[-1]["origin"] == at.origin


async def log_in(at: Computer, screen: Environment) -> None:
    """The menu's first button, by keyboard. On a busy computer keys may come before the page's scripts have run."""
    for settle in SETTLE_SECONDS:
        with menu_open(at, screen):
            await at.until(*SCRIPTS)
            with contextlib.suppress(TimeoutError):
                await asyncio.to_thread(_press_first_button, screen, settle)
                await at.until("/api/login/registration/begin", seconds=PRESSED_SECONDS)
                return await at.until("/registration/search")  # where a login leads
    raise AssertionError("no login")


def _press_first_button(screen: Environment, settle: float) -> None:
    wait_focused(screen, find_window(screen, MENU, SECONDS), SECONDS)
    time.sleep(settle)
    for key in TO_THE_FIRST_BUTTON:
        press_and_see(screen, key)  # a jump to the main part takes its time, and the next key would come before it
    press(screen, "Return")
