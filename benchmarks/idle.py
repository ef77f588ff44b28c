"""After idling: the first request, which starts a card host, beside one that finds it running.

The host is ended here instead of after its two idle minutes: the daemon starts another one either way.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benchmarks.figures import Comparison, Series
from benchmarks.processes import end_children
from benchmarks.rounds import often
from benchmarks.tokens import on_softhsm
from tests.flow.bridge import Bridge, Socket

ROUNDS = often(15)


async def measure(directory: Path) -> list[Comparison]:
    async with on_softhsm(directory) as bridge, bridge.page() as page, page.socket() as socket:
        return [await _requests(bridge, socket)]


async def _requests(bridge: Bridge, socket: Socket) -> Comparison:
    assert bridge.process is not None
    warm: list[float] = []
    cold: list[float] = []
    for number in range(ROUNDS):
        await asyncio.to_thread(end_children, bridge.process.pid)
        cold.append(await _ask(socket, 2 * number))
        warm.append(await _ask(socket, 2 * number + 1))
    return Comparison(
        "Request for certificates (SoftHSM)", Series("host running", "ms", warm), Series("after idling", "ms", cold)
    )


async def _ask(socket: Socket, number: int) -> float:
    begin = time.perf_counter()
    await socket.ask(number, "certificates", {})
    reply = await socket.reply(number)
    assert "result" in reply, reply
    return (time.perf_counter() - begin) * 1000
