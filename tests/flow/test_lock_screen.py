"""The lock screen ends PIN sessions: a real D-Bus, with login1 and a screen saver as desktops have them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.flow.bridge import Bridge, Page, prepare, statement
from tests.flow.message_bus import MINE, THEIRS, Desktop, MessageBus, desktop

pytestmark = pytest.mark.asyncio(loop_scope="module")

Running = tuple[Bridge, MessageBus]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    root = tmp_path_factory.mktemp("lock")
    bus, bridge = MessageBus(root), prepare(root / "bridge")
    await bus.start()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS"):
            patch.setenv(name, bus.address)
        await bridge.start()
        await watched(bridge, times=1)
        try:
            yield bridge, bus
        finally:
            await bridge.stop()
            await bus.stop()


async def watched(bridge: Bridge, times: int) -> None:
    """Until the daemon says of both buses that it listens there, so many times."""
    log = bridge.directory / "log" / "bridge.log"
    for _ in range(2400):
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        by = [line["by"] for line in lines if line["event"] == "lock_screen_watched"]
        if min(by.count("system"), by.count("session")) >= times:
            return
        await asyncio.sleep(0.025)
    raise AssertionError("the lock screen is not watched")


@pytest_asyncio.fixture(loop_scope="module")
async def screen(running: Running) -> AsyncIterator[Desktop]:
    async with desktop(running[1]) as shown:
        yield shown


@pytest.fixture
def bridge(running: Running) -> Bridge:
    running[0].fresh_card()
    return running[0]


async def kept(page: Page) -> dict[str, Any]:
    """What is asked to sign by a PIN session that is open."""
    wanted = {"certificate": await page.certificate(), "statement": statement()}
    opened = await page.result("sign", {**wanted, "keepPinSession": True})
    return {**wanted, "pinSession": opened["pinSession"]}


WAYS: dict[str, Callable[[Desktop], Awaitable[None]]] = {
    "login1, Lock": lambda screen: screen.lock(MINE),
    "login1, LockedHint": lambda screen: screen.hint(MINE, locked=True),
    "freedesktop's screen saver": lambda screen: screen.save_screen("org.freedesktop.ScreenSaver", active=True),
    "GNOME's screen saver": lambda screen: screen.save_screen("org.gnome.ScreenSaver", active=True),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_locked_screen_ends_the_session_and_the_page_is_told(bridge: Bridge, screen: Desktop, way: str) -> None:
    bridge.plan("pin 1234", "yes")
    async with bridge.page() as page, page.socket() as socket:
        wanted = await kept(page)
        await WAYS[way](screen)
        ended = await socket.event("pinSessionEnded")
        assert (ended["pinSession"], ended["reason"]) == (wanted["pinSession"], "forgotten")
        assert (await page.refusal("sign", wanted))["code"] == "pin_session_ended"
    assert len(bridge.questions()) == 1


async def test_a_locked_screen_ends_the_session_under_an_open_window(bridge: Bridge, screen: Desktop) -> None:
    bridge.plan("pin 1234", "later")
    async with bridge.page() as page, page.socket() as socket:
        wanted = await kept(page)
        asked = asyncio.create_task(page.refusal("sign", wanted))
        await bridge.open_window(2)
        await screen.lock(MINE)
        assert (await socket.event("pinSessionEnded"))["pinSession"] == wanted["pinSession"]
        (bridge.directory / "go").touch()
        assert (await asked)["code"] == "pin_session_ended"


async def test_another_users_lock_and_an_unlocked_screen_end_nothing(bridge: Bridge, screen: Desktop) -> None:
    bridge.plan("pin 1234", "yes")
    async with bridge.page() as page:
        wanted = await kept(page)
        await screen.save_screen("org.gnome.ScreenSaver", active=False)
        await screen.hint(MINE, locked=False)
        await screen.lock(THEIRS)
        assert await screen.asked.get() == THEIRS
        assert "statement" in await page.result("sign", wanted)
        await page.result("pin/close", {"pinSession": wanted["pinSession"]})


async def test_a_bus_that_restarts_is_found_again(running: Running, bridge: Bridge) -> None:
    bus = running[1]
    await bus.stop()
    await bus.start()
    await watched(bridge, times=2)
    bridge.plan("pin 1234")
    async with desktop(bus) as screen, bridge.page() as page, page.socket() as socket:
        await kept(page)
        await screen.lock(MINE)
        assert (await socket.event("pinSessionEnded"))["reason"] == "forgotten"
