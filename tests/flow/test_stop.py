"""A daemon that stops says so to the pages that hold a socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from tests.flow.bridge import prepare


async def test_a_page_is_told_that_the_daemon_goes(tmp_path: Path) -> None:
    bridge = prepare(tmp_path)
    await bridge.start()
    async with bridge.page() as page, page.socket() as socket:
        await socket.ask(1, "readers", {})
        await socket.reply(1)
        closing = asyncio.create_task(socket.closed())
        assert await bridge.stop() == 0
        assert await closing == aiohttp.WSCloseCode.GOING_AWAY
