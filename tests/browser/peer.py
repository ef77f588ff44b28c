"""The other end of the client's wire: a TLS WebSocket server that speaks docs/protocol.md and does what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from aiohttp import WSMsgType, web

from tests.browser.site import served

Answer = dict[str, Any]

HELLO: Final[Answer] = {
    "bridge": {"name": "Card Bridge", "version": "0.1.0", "api": 1},
    "origin": "https://portal.example",
    "methods": ["connect", "readers", "certificates", "sign"],
}


class Problem(Exception):
    """An answer of the error kind, in the wire's own shape."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.wire = {"type": f"urn:card-bridge:problem:{code}", "title": code, "status": 409, "code": code, **facts}


class Peer:
    """`answers` maps a method to what makes its result; one that returns None leaves the call waiting."""

    def __init__(self) -> None:
        self.port = 0
        self.heard: list[Answer] = []
        self.origins: list[str] = []
        self.answers: dict[str, Callable[[Answer], Answer | None]] = {"connect": lambda _params: HELLO}
        self._news = asyncio.Event()
        self._sockets: list[web.WebSocketResponse] = []

    @property
    def methods(self) -> list[str]:
        """What was called so far, in order."""
        return [message.get("method", "cancel") for message in self.heard]

    async def emit(self, event: str, **detail: Any) -> None:
        for socket in self._sockets:
            await socket.send_json({"event": event, **detail})

    async def drop(self) -> None:
        """Cuts every connection, as a stopped bridge does."""
        for socket in list(self._sockets):
            await socket.close(code=1001)

    async def heard_method(self, method: str, times: int = 1) -> None:
        """Waits until a call (or `cancel`) has come in so many times."""
        async with asyncio.timeout(10):
            while self.methods.count(method) < times:
                self._news.clear()
                await self._news.wait()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v1/connect", self._here)
        app.router.add_get("/v1/ws", self._serve)
        return app

    async def _here(self, request: web.Request) -> web.Response:
        allowed = {"Access-Control-Allow-Origin": request.headers.get("Origin", ""), "Vary": "Origin"}
        return web.Response(status=204, headers={**allowed, "Cross-Origin-Resource-Policy": "same-origin"})

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.origins.append(request.headers.get("Origin", ""))
        self._sockets.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._answer(socket, json.loads(message.data))
        finally:
            self._sockets.remove(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, message: Answer) -> None:
        self.heard.append(message)
        self._news.set()
        if message.get("cancel"):
            return
        try:
            result = self.answers[message["method"]](message["params"])
        except Problem as problem:
            await socket.send_json({"id": message["id"], "error": problem.wire})
            return
        if result is not None:
            await socket.send_json({"id": message["id"], "result": result})


@contextlib.asynccontextmanager
async def running_peer(tls: ssl.SSLContext, port: int = 0) -> AsyncIterator[Peer]:
    peer = Peer()
    async with serving(peer, tls, port):
        yield peer


@contextlib.asynccontextmanager
async def serving(peer: Peer, tls: ssl.SSLContext, port: int) -> AsyncIterator[None]:
    """The bridge runs while entered; one that has stopped may be started again."""
    async with served(peer.app(), tls, port) as peer.port:
        try:
            yield
        finally:
            await peer.drop()
