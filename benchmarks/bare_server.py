"""The floor of start, memory and round trip: a bare aiohttp TLS server with one route.

`python bare_server.py DIRECTORY`; with `echo` after it the route is a WebSocket that sends back what it hears.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

import certs.context


async def hello(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


async def main(directory: Path, handler: Handler) -> None:
    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certs.context.server_context(directory))
    await site.start()
    port = runner.addresses[0][1]
    print(f"bare ready https://localhost:{port}/", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), echo if "echo" in sys.argv[2:] else hello))
