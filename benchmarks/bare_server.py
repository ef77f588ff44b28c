"""The floor of start and memory: a bare aiohttp TLS server with one route. `python bare_server.py DIRECTORY`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp import web

import certs.context


async def main(directory: Path) -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certs.context.server_context(directory))
    await site.start()
    port = runner.addresses[0][1]
    print(f"bare ready https://localhost:{port}/", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
