"""The icon of a running bridge: it shows that a PIN session is open, and its menu ends it on the card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.desktop.display import Environment, display, tray_host
from tests.desktop.test_tray_icon import wait_for_colour
from tests.desktop.tray_menu import choose
from tests.flow.bridge import Bridge, prepare, statement

pytestmark = pytest.mark.asyncio(loop_scope="module")

READY, UNLOCKED = "#1F5FA8", "#E08A00"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Bridge, Environment]]:
    with display() as screen:
        screen.pop("DBUS_SESSION_BUS_ADDRESS", None)  # so that the classic tray is used
        with tray_host(screen):
            bridge = prepare(tmp_path_factory.mktemp("bridge"))
            bridge.screen = screen
            await bridge.start()
            try:
                yield bridge, screen
            finally:
                await bridge.stop()


async def test_the_menu_ends_a_pin_session_and_the_page_is_told(
    desk: tuple[Bridge, Environment], tmp_path: Path
) -> None:
    bridge, screen = desk
    bridge.fresh_card()
    bridge.plan("pin 1234")
    async with bridge.page() as page, page.socket() as socket:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        session = (await page.result("sign", {**wanted, "keepPinSession": True}))["pinSession"]
        wait_for_colour(UNLOCKED, screen, tmp_path)
        choose(screen, "forget", without=("sites",))
        ended = await socket.event("pinSessionEnded")
        assert (ended["pinSession"], ended["reason"]) == (session, "forgotten")
        assert (await page.refusal("sign", {**wanted, "pinSession": session}))["code"] == "pin_session_ended"
    wait_for_colour(READY, screen, tmp_path)
