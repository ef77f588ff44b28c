"""From a page's request to the PIN window's first painting, host running, beside an empty Qt window."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from benchmarks.tokens import on_softhsm
from bridge.card.asking.window import OWN_WINDOW
from tests.desktop.display import display
from tests.flow.bridge import Bridge, Socket

ROUNDS = often(12)
_ORIGINS = [f"https://{number}.example" for number in range(ROUNDS)]
"""One for each round: an origin that is cancelled three times in a minute has to wait."""


async def measure(directory: Path) -> list[Comparison]:
    shown = directory / "shown"
    os.mkfifo(shown)
    reader = os.open(shown, os.O_RDWR)
    # What the window writes goes on to the host, and past our clock; killed, it is the window itself that is killed.
    window = ["bash", "-c", f"exec {shlex.join(OWN_WINDOW)} > >(exec tee {shlex.quote(str(shown))})"]
    with display() as screen:
        os.environ.update(screen)
        async with on_softhsm(directory, window, _ORIGINS) as bridge:
            return [await _compare(bridge, reader)]


async def _compare(bridge: Bridge, reader: int) -> Comparison:
    bare: list[float] = []
    ours: list[float] = []
    for origin in _ORIGINS:
        async with bridge.page(origin) as page, page.socket() as socket:
            certificate = await page.certificate()
            bare.append(_bare())
            ours.append(await _open(socket, certificate, reader))
    return Comparison(
        "PIN window painted, host running",
        Series("empty Qt window, fresh process", "ms", bare[1:]),
        Series("request → PIN window painted", "ms", ours[1:]),
    )


async def _open(socket: Socket, certificate: str, reader: int) -> float:
    begin = time.perf_counter()
    await socket.ask(1, "pin/open", {"certificate": certificate, "action": "利用者登録（登録）"})
    line = await asyncio.to_thread(os.read, reader, 4096)
    milliseconds = (time.perf_counter() - begin) * 1000
    assert b'"shown"' in line, line
    await socket.raw.send_json({"id": 1, "cancel": True})
    assert "error" in await socket.reply(1)
    return milliseconds


def _bare() -> float:
    begin = time.perf_counter()
    command = [sys.executable, "-I", "-B", "-X", "utf8", str(Path(__file__).with_name("bare_window.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"painted\n"
        return (time.perf_counter() - begin) * 1000
