"""Sleep: PIN sessions end before the computer sleeps, and after it sockets, readers and cards are as before."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bridge.card.practice import slot
from tests.flow.bridge import Bridge, Page, prepare, statement
from tests.flow.login1 import Lock, Login1
from tests.flow.message_bus import MessageBus
from tests.flow.test_sign import host_pid

pytestmark = pytest.mark.asyncio(loop_scope="module")

Running = tuple[Bridge, Login1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    root = tmp_path_factory.mktemp("sleep")
    bus, bridge = MessageBus(root), prepare(root / "bridge")
    await bus.start()
    login1 = Login1(bus.address)
    login1.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        await bridge.start()
        try:
            yield bridge, login1
        finally:
            await bridge.stop()
            login1.stop()
            await bus.stop()


async def next_lock(login1: Login1) -> Lock:
    lock: Lock = await asyncio.to_thread(login1.locks.get, timeout=60)
    assert lock.wanted == ("sleep", "card-bridge", "ends PIN sessions", "delay")
    assert lock.held()
    return lock


async def kept(page: Page) -> dict[str, Any]:
    """What is asked to sign by a PIN session that is open."""
    wanted = {"certificate": await page.certificate(), "statement": statement()}
    opened = await page.result("sign", {**wanted, "keepPinSession": True})
    return {**wanted, "pinSession": opened["pinSession"]}


async def said(bridge: Bridge, event: str) -> None:
    log = bridge.directory / "log" / "bridge.log"
    for _ in range(2400):
        if any(json.loads(line)["event"] == event for line in log.read_text(encoding="utf-8").splitlines()):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the bridge never said {event}")


@contextlib.contextmanager
def frozen(*processes: int) -> Iterator[None]:
    """As all processes of a computer are while it sleeps."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


async def test_the_computer_sleeps_once_the_card_is_logged_out_and_wakes_to_a_bridge_that_works(
    running: Running,
) -> None:
    bridge, login1 = running
    bridge.fresh_card()
    bridge.plan("pin 1234", "pin 1234")
    lock = await next_lock(login1)
    async with bridge.page() as page, page.socket() as socket:
        wanted = await kept(page)
        host = host_pid(bridge)
        with frozen(host):
            login1.prepare_for_sleep(begins=True)
            await said(bridge, "sleeping")
            assert lock.held(), "the card is not logged out yet"
        assert await asyncio.to_thread(lock.given_back)
        ended = await socket.event("pinSessionEnded")
        assert (ended["pinSession"], ended["reason"]) == (wanted["pinSession"], "forgotten")

        assert bridge.process is not None
        with frozen(bridge.process.pid, host):
            slot.remove(bridge.practice)
        login1.prepare_for_sleep(begins=False)
        await said(bridge, "woken")
        await next_lock(login1)  # for the next sleep
        await socket.event("cardRemoved")
        slot.insert(bridge.practice)
        await socket.event("cardInserted")
        assert (await page.refusal("sign", wanted))["code"] == "pin_session_ended"
        del wanted["pinSession"]
        assert "statement" in await page.result("sign", wanted)
    assert len(bridge.questions()) == 2


async def test_a_bridge_that_ends_leaves_no_lock(tmp_path: Path) -> None:
    bus, bridge = MessageBus(tmp_path), prepare(tmp_path / "bridge")
    await bus.start()
    login1 = Login1(bus.address)
    login1.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        await bridge.start()
    lock = await next_lock(login1)
    assert await bridge.stop() == 0
    assert await asyncio.to_thread(lock.given_back)
    login1.stop()
    await bus.stop()
