"""Whoever ends a request ends its window, and no try is spent; a login that is under way keeps its PIN."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.card.conftest import OPENSC, PIN, Chain
from tests.flow.bridge import Bridge, Page, gone, prepare, statement
from tests.flow.test_sign import host_pid
from tests.virtual.gate import Gate
from tests.virtual.piv import PivCard

pytestmark = pytest.mark.asyncio(loop_scope="module")

GENERAL_AUTHENTICATE = 0x87
RIGHT = f"pin {PIN.decode()}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(tmp_path_factory.mktemp("gate"), OPENSC, pin_pad=False)


@contextlib.asynccontextmanager
async def running(directory: Path, library: Path) -> AsyncIterator[Bridge]:
    bridge = prepare(directory)
    await bridge.start(card={"practice": False, "modules": [str(library)]})
    try:
        yield bridge
    finally:
        await bridge.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gated(tmp_path_factory: pytest.TempPathFactory, chain: Chain, gate: Gate) -> AsyncIterator[Bridge]:
    async with running(tmp_path_factory.mktemp("bridge"), gate.library) as bridge:
        yield bridge


async def sign(page: Page) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement(), "keepPinSession": True}


@pytest.mark.parametrize("how", ["cancel", "closed tab"])
async def test_a_login_under_way_keeps_its_pin_and_is_undone(
    gated: Bridge, gate: Gate, card: PivCard, how: str
) -> None:
    """Were the PIN wiped with its request, the library would send zeros: a try that nobody agreed to."""
    gated.fresh_card()
    gated.plan(RIGHT)
    async with gated.page() as page:
        async with page.socket() as socket:
            await socket.ask(1, "sign", await sign(page))
            login = await asyncio.to_thread(gate.await_login)
            if how == "cancel":
                await socket.raw.send_json({"id": 1, "cancel": True})
                assert (await socket.reply(1))["error"]["code"] == "consent_cancelled"
        await page.result("readers", {})  # by its answer, the daemon has seen that the tab is closed
        gate.let_through(login)
        assert await page.certificate(), "the card thread has gone on"
    (verify,) = card.verifications()
    assert verify.word == 0x9000, "the PIN that the person typed"
    assert (card.tries_left, card.verified) == (3, False)
    assert GENERAL_AUTHENTICATE not in {seen.ins for seen in card.log}, "and signed nothing"
    assert gated.ledger() == [[0, None, "", []]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_the_end_of_the_daemon_closes_the_window(tmp_path: Path, card: PivCard, number: signal.Signals) -> None:
    async with running(tmp_path, OPENSC) as bridge, bridge.page() as page:
        bridge.plan("wait")
        asked = asyncio.create_task(page.post("sign", await sign(page)))
        window, host = await bridge.open_window(1), host_pid(bridge)
        assert bridge.process is not None
        os.kill(bridge.process.pid, number)
        assert await gone(window)
        assert await gone(host)
        await asyncio.gather(asked, return_exceptions=True)
    assert card.verifications() == []


async def test_the_end_of_the_daemon_in_the_middle_of_a_login_lets_it_end_and_undoes_it(
    tmp_path: Path, gate: Gate, card: PivCard
) -> None:
    async with running(tmp_path, gate.library) as bridge, bridge.page() as page:
        bridge.plan(RIGHT)
        asked = asyncio.create_task(page.post("sign", await sign(page)))
        login, host = await asyncio.to_thread(gate.await_login), host_pid(bridge)
        assert bridge.process is not None
        os.kill(bridge.process.pid, signal.SIGKILL)
        gate.let_through(login)
        assert await gone(host)
        await asyncio.gather(asked, return_exceptions=True)
    assert [verify.word for verify in card.verifications()] == [0x9000]
    assert not card.verified


async def test_a_window_whose_time_is_over_is_a_cancel_and_spends_no_try(bridge: Bridge, card: PivCard) -> None:
    bridge.plan("timeout", RIGHT)
    async with bridge.page() as page:
        wanted = await sign(page)
        assert (await page.refusal("sign", wanted))["code"] == "pin_cancelled"
        assert card.verifications() == []
        assert "statement" in await page.result("sign", wanted)
