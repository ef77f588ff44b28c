"""The route table: two doors to the same methods, and the read-only pages; failures become problem+json."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from bridge import logs, problems
from bridge.consent.asking import Consent
from bridge.doctor.check import Check
from bridge.doors import pages
from bridge.doors.listener import Listener
from bridge.doors.socket_door import SocketDoor
from bridge.errors import BadRequest, BridgeError, Internal, TooLarge, Unsupported
from bridge.gate import checks
from bridge.gate.limits import ALLOWED, UNKNOWN, Limits, Rates
from bridge.gate.origins import Origins
from bridge.messages import MAX_BODY, METHODS, UPLOAD, parse, parse_json
from bridge.service import Service
from bridge.settings.sections import ContactSettings
from bridge.uploads import Uploads

PREFLIGHT_SECONDS = "600"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Parts(NamedTuple):
    """What the server is given by the composition root."""

    service: Service
    origins: Origins
    consent: Consent
    rates: Rates
    development: bool
    overview: Callable[[], list[Check]]
    """The doctor's lines for the person at this computer; may wait for files."""
    uploads: Uploads
    limits: Limits = Limits()
    contact: ContactSettings = ContactSettings()


class Server:
    """The daemon's listener and its doors."""

    def __init__(self, parts: Parts, context: ssl.SSLContext) -> None:
        self._parts = parts
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._guarded])
        app.add_routes(
            [
                web.get("/", self._status_page),
                web.get("/openapi.json", self._openapi),
                web.get("/v1/ws", self._socket, allow_head=False),
                web.post(f"/v1/{UPLOAD}", self._upload),
                web.get(f"/v1/{UPLOAD}/{{handle}}", self._download, allow_head=False),
                web.post("/v1/{method:.+}", self._post),
                web.options("/v1/{method:.+}", self._preflight),
                web.head("/v1/connect", self._probe),
            ]
        )
        self._door = SocketDoor(parts.service, parts.consent, parts.rates, parts.limits)
        # handler_cancellation: a closed tab takes its window away at once.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, keepalive_timeout=parts.limits.idle, shutdown_timeout=2.0
        )
        self._listener = Listener(self._make_protocol, context, parts.limits)

    @property
    def port(self) -> int:
        return self._listener.port

    async def start(self, port: int) -> None:
        """Listen. Raises NoPort."""
        await self._runner.setup()
        self._listener.bind(port)
        self._listener.start()

    async def close(self) -> None:
        await self._listener.close()
        await self._parts.consent.close()
        await self._door.close()
        await self._runner.cleanup()

    def _make_protocol(self) -> asyncio.Protocol:
        if self._runner.server is None:
            raise RuntimeError("the server was not set up")
        return self._runner.server()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Every failure leaves as problem+json; an unexpected one says nothing of its text."""
        self._listener.heard(_peer(request))
        try:
            return await handler(request)
        except BridgeError as error:
            return self._problem(request, error)
        except web.HTTPRequestEntityTooLarge:
            return self._problem(request, TooLarge())
        except web.HTTPException as error:
            return self._problem(request, Unsupported("no such path") if error.status in (404, 405) else BadRequest())
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:
            logs.fault("request_failed", error)
            return self._problem(request, Internal())

    async def _post(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        origin = self._origin(request, content_type="application/json")
        await self._parts.consent.admit(origin, method)
        parsed = parse(method, parse_json(await self._body(request)))
        result = await self._parts.service.answer(origin, parsed)
        return web.json_response(result, headers=_cors(origin), dumps=_dumps)

    async def _upload(self, request: web.Request) -> web.Response:
        """One document, streamed; its handle comes back."""
        origin = self._origin(request, content_type="application/octet-stream")
        await self._parts.consent.admit(origin, UPLOAD)
        result = await self._parts.uploads.take(origin, self._pieces(request))
        return web.json_response(result, headers=_cors(origin), dumps=_dumps)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """What was made of a document, or the document itself: as often as asked while it is kept."""
        origin = self._origin(request)
        await self._parts.consent.admit(origin, UPLOAD)
        path = self._parts.uploads.path(origin, request.match_info["handle"])
        headers = {**_cors(origin), "Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(path, headers=headers)

    async def _pieces(self, request: web.Request) -> AsyncIterator[bytes]:
        """A body as it comes; a page that stops sending is not waited for. Raises BadRequest."""
        while True:
            try:
                async with asyncio.timeout(self._parts.limits.body):
                    piece = await request.content.readany()
            except TimeoutError as error:
                raise BadRequest("the body stopped coming") from error
            if not piece:
                return
            yield piece

    async def _body(self, request: web.Request) -> bytes:
        try:
            async with asyncio.timeout(self._parts.limits.body):
                return await request.read()
        except TimeoutError as error:
            raise BadRequest("the body did not come in time") from error

    async def _preflight(self, request: web.Request) -> web.Response:
        """CORS preflight (Fetch §4.8): what a POST from this origin would be told first."""
        origin = self._origin(request)
        if request.match_info["method"] not in (*METHODS, UPLOAD):
            raise Unsupported("no such method")
        if request.match_info["method"] != "connect":
            checks.require_allowed(origin, self._parts.origins)
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type",
            "Access-Control-Max-Age": PREFLIGHT_SECONDS,
        }
        return web.Response(status=204, headers={**_cors(origin), **allowed})

    async def _probe(self, request: web.Request) -> web.Response:
        """Is a bridge on this port? The client library asks before it opens its WebSocket; nothing is called."""
        return web.Response(status=204, headers=_cors(self._origin(request)))

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        origin = self._origin(request, websocket=True)
        return await self._door.open(request, origin, problems.language(request.headers.get("Accept-Language", "")))

    async def _status_page(self, request: web.Request) -> web.Response:
        checks.check_page(self._call(request, websocket=False), self.port)
        tongue = problems.language(request.headers.get("Accept-Language", ""))
        lines = await asyncio.to_thread(self._parts.overview)
        return pages.status(lines, tuple(self._parts.origins), self._parts.contact, tongue)

    async def _openapi(self, request: web.Request) -> web.Response:
        checks.check_page(self._call(request, websocket=False), self.port)
        return pages.openapi()

    def _origin(self, request: web.Request, *, content_type: str | None = None, websocket: bool = False) -> str:
        """Rules 1 to 4, and not too often. Raises BridgeError."""
        call = self._call(request, websocket=websocket)
        origin = checks.check(call, self.port, development=self._parts.development, content_type=content_type)
        self._parts.rates.spend(origin, ALLOWED if self._parts.origins.allows(origin) else UNKNOWN)
        return origin

    def _call(self, request: web.Request, *, websocket: bool) -> checks.Call:
        headers = request.headers
        return checks.Call(
            peer_is_user=self._peer_is_user(request),
            target=request.raw_path,
            hosts=tuple(headers.getall("Host", ())),
            fetch_modes=tuple(headers.getall("Sec-Fetch-Mode", ())),
            content_types=tuple(headers.getall("Content-Type", ())),
            origins=tuple(headers.getall("Origin", ())),
            websocket=websocket,
        )

    def _peer_is_user(self, request: web.Request) -> bool:
        return self._listener.is_same_user(_peer(request))

    def _problem(self, request: web.Request, error: BridgeError) -> web.Response:
        tongue = problems.language(request.headers.get("Accept-Language", ""))
        logs.info("problem", path=request.path, code=error.code)
        headers = dict(pages.HEADERS)
        origin = request.headers.get("Origin", "")
        if self._parts.origins.allows(origin) or request.path == "/v1/connect":
            headers |= _cors(origin)
        return web.json_response(
            problems.problem(error, tongue),
            status=error.status,
            headers=headers,
            content_type=problems.CONTENT_TYPE,
            dumps=_dumps,
        )


def _peer(request: web.Request) -> tuple[str, int]:
    """The connection's other end; no address at all once it is gone."""
    found = request.transport.get_extra_info("peername") if request.transport is not None else None
    return ("", 0) if found is None else found[:2]


def _cors(origin: str) -> dict[str, str]:
    """The origin itself, never a wildcard, no credentials."""
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin", "Cache-Control": "no-store"}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
