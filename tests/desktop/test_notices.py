"""Notifications of a running bridge on a desktop that shows no icons: a real session bus, and a service on it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bridge.card.practice import pki
from bridge.card.practice import slot as practice_slot
from tests.desktop.display import display
from tests.desktop.notifications import Notifications, Shown, notifications
from tests.flow.bridge import Bridge, prepare
from tests.flow.message_bus import MessageBus

Desk = tuple[Bridge, Notifications]


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """No notification area: notifications come all the same."""
    bus = MessageBus(tmp_path)
    await bus.start()
    with display("640x480") as screen:
        async with notifications(bus) as service:
            (tmp_path / "bridge").mkdir()
            bridge = prepare(tmp_path / "bridge")
            bridge.screen = screen | {"DBUS_SESSION_BUS_ADDRESS": bus.address}
            bridge.fresh_card()
            try:
                yield bridge, service
            finally:
                await bridge.stop()
                await bus.stop()


async def start(bridge: Bridge, **settings: Any) -> None:
    await bridge.start(bridge={"language": "en", **settings})


async def seen(bridge: Bridge) -> None:
    async with bridge.page() as page:
        await page.until_card_seen()


async def remembered(bridge: Bridge) -> None:
    """A bridge that ends between telling and writing it down tells it again."""
    file, end = bridge.directory / "card" / "notices.json", time.monotonic() + 30
    while not json.loads(file.read_bytes())["expiry"]:
        assert time.monotonic() < end, "the reminder was not written down"
        await asyncio.sleep(0.1)


async def test_a_desktop_without_icons_says_so_once_for_good(desk: Desk) -> None:
    bridge, service = desk
    await start(bridge)
    said = await service.next()
    assert (said.program, said.transient) == ("Card bridge", False)
    assert said.text.startswith("This desktop has no notification area")
    await bridge.stop()
    # At the second start the first thing that is said is of the card.
    await start(bridge, card_notices=True)
    await seen(bridge)
    practice_slot.remove(bridge.practice)
    assert (await service.next()).title == "A card was removed"
    log = (bridge.directory / "log" / "bridge.log").read_text(encoding="utf-8")
    assert log.count('"no_icon"') == 2


async def test_cards_that_come_and_go_are_told_where_that_is_wanted(desk: Desk) -> None:
    bridge, service = desk
    await start(bridge, language="ja", card_notices=True)
    assert (await service.next()).title == "カードブリッジ"
    await seen(bridge)
    practice_slot.remove(bridge.practice)
    removed = Shown("カードブリッジ", "ICカードが抜かれました", practice_slot.READER, transient=True)
    assert await service.next() == removed
    practice_slot.insert(bridge.practice)
    assert (await service.next()).title == "ICカードが差し込まれました"


async def test_a_certificate_that_ends_is_told_once_also_after_a_restart(desk: Desk) -> None:
    """And nothing of cards that come and go, which nobody asked for."""
    bridge, service = desk
    now = datetime.now(UTC)
    until = now + timedelta(days=20)
    pki.issue_card(bridge.practice, practice_slot.FIRST, pki.SUBJECT, pki.SERIAL, now, until)
    await start(bridge)
    assert (await service.next()).title == "Card bridge"
    async with bridge.page() as page, page.socket() as socket:
        await page.until_card_seen()
        practice_slot.remove(bridge.practice)
        practice_slot.insert(bridge.practice)
        assert await socket.event("cardInserted")  # what was read before is forgotten with this event
        await page.certificate()
    reminder = await service.next()
    assert reminder.title == "Days until the certificate expires: 20"
    assert reminder.text.startswith("北東 次郎: valid until")
    assert not reminder.transient
    await remembered(bridge)
    await bridge.stop()
    await start(bridge)
    async with bridge.page() as page:
        await page.certificate()
    with pytest.raises(TimeoutError):
        await service.next(seconds=6)  # three looks of the bridge
