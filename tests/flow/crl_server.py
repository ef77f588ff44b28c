"""A CA's web server on loopback that a test lets misbehave; it remembers what it was asked for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.test_utils import TestServer


class CrlServer:
    """`lists` are served below /crls/; the other addresses do what their names say."""

    def __init__(self) -> None:
        self.lists: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.ended = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        match request.path:
            case "/crls/moved.crl":
                raise web.HTTPFound("/internal/secret")
            case "/crls/drips.crl":
                return await self._drip(request)
            case "/crls/endless.crl":
                return await self._pour(request)
        data = self.lists.get(request.path.removeprefix("/crls/"))
        return web.Response(status=404) if data is None else web.Response(body=data)

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while not self.ended.is_set():
            await answer.write(b"0")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), 0.05)
        return answer

    async def _pour(self, request: web.Request) -> web.StreamResponse:
        """Without a length, and more than anybody wants."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        with contextlib.suppress(ConnectionResetError):
            while not self.ended.is_set():
                await answer.write(bytes(64 * 1024))
        return answer


@contextlib.asynccontextmanager
async def crl_server() -> AsyncIterator[tuple[CrlServer, str]]:
    """The server, and the address below which it serves lists."""
    made = CrlServer()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.serve)
    server = TestServer(app)
    await server.start_server()
    try:
        yield made, f"http://127.0.0.1:{server.port}/crls/"
    finally:
        made.ended.set()
        await server.close()
