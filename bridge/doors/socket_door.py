"""The WebSocket door: the same methods as POST, plus events and cancellation.

Wire: {"id", "method", "params"} → {"id", "result"} or {"id", "error": problem}; {"id", "cancel": true} cancels; events
come as {"event", …}. A socket of an origin that is not allowed may call `connect` only and gets no events; one whose
grant is taken back is closed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bridge import logs, problems
from bridge.consent.asking import Consent
from bridge.errors import BadRequest, BridgeError, ConsentCancelled, Internal, RateLimited
from bridge.gate.limits import ALLOWED, UNKNOWN, Limits, Rates
from bridge.messages import MAX_BODY, Envelope, parse, parse_envelope
from bridge.progress import Counts, Progress
from bridge.service import Event, Service

HEARTBEAT_SECONDS = 30.0
MAX_UNDER_WAY = 8
CLOSING_SECONDS = 2.0
"""How long a page has to answer that a socket closes: one that is frozen delays no log-off."""
REVOKED_SECONDS = 1.0
"""How often a socket's grant is looked at; policy's origins need no look."""
_MAX_EVENTS = 64
_OPTIONAL = ("prepared", "stamped", "finished")
"""Counts of signProgress that not every request has."""
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class SocketDoor:
    def __init__(self, service: Service, consent: Consent, rates: Rates, limits: Limits) -> None:
        self._service = service
        self._consent = consent
        self._rates = rates
        self._limits = limits
        self._open: dict[_Conversation, str] = {}

    async def open(self, request: web.Request, origin: str, tongue: str) -> web.WebSocketResponse:
        """Serve one socket until it closes. The gate has let it in. Raises RateLimited."""
        if list(self._open.values()).count(origin) >= self._limits.sockets:
            raise RateLimited("too many sockets of one origin")
        # No compression: messages are small, and mixing secrets with a page's text under deflate is a known trap.
        socket = web.WebSocketResponse(
            compress=False, max_msg_size=MAX_BODY, heartbeat=HEARTBEAT_SECONDS, timeout=CLOSING_SECONDS
        )
        await socket.prepare(request)
        conversation = _Conversation(socket, self._service, self._consent, self._rates, origin, tongue)
        self._open[conversation] = origin
        try:
            await conversation.run()
        finally:
            self._open.pop(conversation, None)
        return socket

    async def close(self) -> None:
        """The daemon stops: each page is told so, by code 1001, and nothing of it is under way any more."""
        await asyncio.gather(*(conversation.leave() for conversation in self._open))


class _Conversation:
    """One open socket: its requests under way and its events."""

    def __init__(
        self, socket: web.WebSocketResponse, service: Service, consent: Consent, rates: Rates, origin: str, tongue: str
    ) -> None:
        self._socket = socket
        self._service = service
        self._consent = consent
        self._rates = rates
        self._origin = origin
        self._tongue = tongue
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._events: asyncio.Queue[Event] = asyncio.Queue(_MAX_EVENTS)
        self._progress: dict[int, Event] = {}
        """Of what waits there, by request."""
        self._unsubscribe: Callable[[], None] | None = None
        self._leaving, self._left = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        try:
            await self._talk()
        finally:
            self._left.set()

    async def leave(self) -> None:
        # The reader must not be in the socket when it is closed: aiohttp would send no code.
        self._leaving.set()
        await self._left.wait()

    async def _talk(self) -> None:
        reading, revoked = asyncio.create_task(self._read()), asyncio.create_task(self._until_revoked())
        leaving, events = asyncio.create_task(self._wait_to_leave()), asyncio.create_task(self._send_events())
        if self._allowed:
            self._subscribe()
        try:
            await asyncio.wait((reading, revoked, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if self._unsubscribe is not None:
                self._unsubscribe()
            await _end([reading, revoked, leaving, events, *self._under_way.values()])
        if not reading.cancelled():
            reading.result()
        if not revoked.cancelled():
            await self._service.withdraw(self._origin)
            await self._socket.close(code=WSCloseCode.POLICY_VIOLATION)
        if not leaving.cancelled():
            await self._socket.close(code=WSCloseCode.GOING_AWAY)

    async def _wait_to_leave(self) -> None:
        await self._leaving.wait()

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                break
            await self._take(message.data)

    @property
    def _allowed(self) -> bool:
        return self._consent.origins.allows(self._origin)

    def _subscribe(self) -> None:
        if self._unsubscribe is None:
            self._unsubscribe = self._service.subscribe(self._origin, self._note)

    async def _until_revoked(self) -> None:
        while self._allowed or self._unsubscribe is None:  # noqa: ASYNC110 - a terminal may change the file
            await asyncio.sleep(REVOKED_SECONDS)

    async def _take(self, raw: str) -> None:
        try:
            envelope = parse_envelope(raw)
        except BridgeError as error:
            await self._send({"id": None, "error": problems.problem(error, self._tongue)})
            return
        if envelope.cancel:
            if task := self._under_way.get(envelope.id):
                task.cancel()
            return
        if envelope.id in self._under_way or len(self._under_way) >= MAX_UNDER_WAY:
            await self._fail(envelope.id, BadRequest("id in use") if envelope.id in self._under_way else RateLimited())
            return
        task = asyncio.create_task(self._answer(envelope))
        self._under_way[envelope.id] = task
        task.add_done_callback(lambda _: self._under_way.pop(envelope.id, None))

    async def _answer(self, envelope: Envelope) -> None:
        try:
            self._rates.spend(self._origin, ALLOWED if self._allowed else UNKNOWN)
            await self._consent.admit(self._origin, envelope.method)
            self._subscribe()
            request = parse(envelope.method, envelope.params)
            progress = Progress(partial(self._tell_progress, envelope.id))
            result = await self._service.answer(self._origin, request, progress)
        except BridgeError as error:
            logs.info("problem", path="/v1/ws", code=error.code)
            await self._fail(envelope.id, error)
        except asyncio.CancelledError:
            if not self._socket.closed:
                await self._fail(envelope.id, ConsentCancelled("cancelled by the page"))
        except Exception as error:
            logs.fault("request_failed", error)
            await self._fail(envelope.id, Internal())
        else:
            await self._send({"id": envelope.id, "result": result})

    def _tell_progress(self, number: int, counts: Counts) -> None:
        """One of each request waits, with its latest counts: hundreds of documents push no other event out."""
        event = self._progress.get(number)
        if event is None:
            if not self._note(event := {"event": "signProgress", "id": number}):
                return
            self._progress[number] = event
        optional = {name: count for name in _OPTIONAL if (count := getattr(counts, name))}
        event |= {"done": counts.done, "total": counts.total, **optional}

    def _note(self, event: Event) -> bool:
        """Whether it will be sent."""
        if taken := self._allowed and not self._events.full():
            self._events.put_nowait(event)
        return taken

    async def _send_events(self) -> None:
        while True:
            event = await self._events.get()
            if event["event"] == "signProgress":
                del self._progress[event["id"]]
            await self._send(event)

    async def _fail(self, number: int, error: BridgeError) -> None:
        await self._send({"id": number, "error": problems.problem(error, self._tongue)})

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await self._socket.send_str(_JSON.encode(message))
        except ConnectionError:
            # The page is gone; its requests are being cancelled.
            return


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
