"""Two bridges of one user on one computer: one card host at a time asks for PINs, and the other says so."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.flow.bridge import Bridge, Page, gone, is_alive, prepare, statement
from tests.flow.test_sign import host_pid

pytestmark = pytest.mark.asyncio(loop_scope="module")

Pair = tuple[Bridge, Bridge]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """They share what a user has once: the card, its ledger and the seat."""
    first = prepare(tmp_path_factory.mktemp("first"))
    second = Bridge(tmp_path_factory.mktemp("second"))
    await first.start()
    await second.start(card={"directory": str(first.directory / "card")})
    try:
        yield first, second
    finally:
        await first.stop()
        await second.stop()


@pytest.fixture
def pair(running: Pair) -> Pair:
    running[0].fresh_card()
    return running


async def sign(page: Page) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement()}


async def test_while_one_has_a_window_the_other_opens_none_and_says_busy(pair: Pair) -> None:
    first, second = pair
    first.plan("wait", "pin 1234")
    async with first.page() as page, second.page() as other, page.socket() as socket:
        await socket.ask(1, "sign", await sign(page))
        window = await first.open_window(1)
        refusal = await other.refusal("sign", await sign(other))
        assert (refusal["code"], refusal["retriable"]) == ("busy", True)
        assert second.questions() == []
        assert is_alive(window)


async def test_when_ones_host_is_gone_the_other_takes_its_seat(pair: Pair) -> None:
    first, second = pair
    first.plan("pin 1234")
    second.plan("pin 1234")
    async with first.page() as page, second.page() as other:
        wanted = await sign(page)
        assert "statement" in await page.result("sign", wanted)
        assert (await other.refusal("sign", wanted))["code"] == "busy"
        host = host_pid(first)
        os.kill(host, signal.SIGKILL)
        assert await gone(host)
        assert "statement" in await other.result("sign", wanted)
        assert (await page.refusal("sign", wanted))["code"] == "busy"
    assert len(first.questions()) == len(second.questions()) == 1
