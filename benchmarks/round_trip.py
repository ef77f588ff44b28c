"""A message of 100 bytes from a page in Chromium to the bridge and back, beside a bare aiohttp TLS WebSocket echo."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from aiohttp import web
from playwright.async_api import Page, async_playwright

from benchmarks.figures import Comparison, Series
from certs import context
from tests.browser import chromium, site
from tests.flow.bridge import prepare

ROUND_TRIPS, BYTES, _WARMING = 1000, 100, 100
# Isolated pages alone get a clock of 5 µs; others' is of 100 µs (High Resolution Time, 4.1 Clock resolution).
_ISOLATED: Final = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
# `connect` is the method that asks nothing of a card; space around JSON makes its message as long as wanted.
_IN_TURN: Final = """async ([addresses, count, bytes]) => {
  if (!crossOriginIsolated) throw new Error("this page's clock is coarse");
  const open = (address) => new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    socket.onopen = () => resolve(socket);
    socket.onerror = () => reject(new Error(address));
  });
  const once = (socket, message) => new Promise((resolve, reject) => {
    const begin = performance.now();
    socket.onclose = () => reject(new Error(`closed: ${socket.url}`));
    socket.onmessage = ({ data }) => {
      const end = performance.now();
      "error" in JSON.parse(data) ? reject(new Error(data)) : resolve(end - begin);
    };
    socket.send(message);
  });
  const sockets = await Promise.all(addresses.map(open));
  const taken = addresses.map(() => []);
  for (let id = 1; id <= count; id += 1) {
    const message = JSON.stringify({ id, method: "connect", params: {} }).padEnd(bytes);
    for (const [place, socket] of sockets.entries()) taken[place].push(await once(socket, message));
  }
  return taken;
}"""


async def measure(directory: Path) -> list[Comparison]:
    tls = directory / "tls"
    chromium.trust(directory, context.ensure(tls, time.time()).root)
    async with (
        site.served(_page(), context.server_context(tls)) as port,
        _bridge(directory, f"https://localhost:{port}") as bridge_port,
        _echo(tls) as echo_port,
        _opened(directory, f"https://localhost:{port}/") as page,
    ):
        addresses = [f"wss://localhost:{echo_port}/", f"wss://localhost:{bridge_port}/v1/ws"]
        bare, ours = await page.evaluate(_IN_TURN, [addresses, ROUND_TRIPS + _WARMING, BYTES])
    return [
        Comparison(
            f"Round trip of {BYTES} bytes, page in Chromium",
            Series("bare aiohttp TLS WebSocket echo", "ms", bare[_WARMING:]),
            Series("page → bridge (WebSocket, `connect`)", "ms", ours[_WARMING:]),
        )
    ]


def _page() -> web.Application:
    async def empty(_: web.Request) -> web.Response:
        return web.Response(text=site.PAGE, content_type="text/html", headers=_ISOLATED)

    app = web.Application()
    app.router.add_get("/", empty)
    return app


@contextlib.asynccontextmanager
async def _bridge(directory: Path, origin: str) -> AsyncIterator[int]:
    bridge = prepare(directory)
    await bridge.start(origins={"allowed": [origin]}, card={"practice": False})
    try:
        yield bridge.port
    finally:
        await bridge.stop()


@contextlib.asynccontextmanager
async def _echo(tls: Path) -> AsyncIterator[int]:
    command = [sys.executable, "-X", "utf8", "-m", "benchmarks.bare_server", str(tls), "echo"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int((await process.stdout.readline()).decode().rstrip().rstrip("/").rpartition(":")[2])
    finally:
        process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def _opened(home: Path, address: str) -> AsyncIterator[Page]:
    async with async_playwright() as driver:
        browser = await chromium.launch(driver, home)
        try:
            page = await browser.new_page()
            await page.goto(address)
            yield page
        finally:
            await browser.close()
