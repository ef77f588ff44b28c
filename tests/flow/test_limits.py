"""Silent, slow, broken and too many peers: each ends in its time, and the others are served meanwhile.

The server runs in this process with short limits, over real sockets and TLS; nothing here waits for a fixed time.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import certs.context
from bridge.audit.keeping import Audit
from bridge.audit.record import Record
from bridge.choices import Choices
from bridge.consent.asking import Consent, Verdict
from bridge.desk import Desk
from bridge.doors import listener
from bridge.doors.server import Parts, Server
from bridge.gate.limits import Limits, Rates
from bridge.gate.origins import Origins
from bridge.service import Clocks, Service
from bridge.uploads import Uploads

ORIGIN, OTHER, UNKNOWN = "https://portal.example", "https://other.example", "https://unknown.example"
SHORT = 0.3


class NoHost:
    """No card host is started here."""

    running = False

    @property
    def pin_sessions(self) -> dict[str, str]:
        return {}

    async def call(self, method: str, params: dict[str, Any], progress: object = None) -> dict[str, Any]:
        raise AssertionError(method)

    async def notify(self, method: str) -> None:
        raise AssertionError(method)


async def nobody(origin: str) -> Verdict:
    raise AssertionError(origin)


class Served:
    def __init__(self, server: Server, trust: ssl.SSLContext) -> None:
        self.port, self._trust = server.port, trust

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """TLS, and no byte after it."""
        return await asyncio.open_connection("localhost", self.port, ssl=self._trust)

    def head(self, *, origin: str = ORIGIN, length: int = 2) -> bytes:
        lines = (
            "POST /v1/connect HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"Origin: {origin}",
            "Content-Type: application/json",
            f"Content-Length: {length}",
        )
        return "\r\n".join((*lines, "", "")).encode()

    async def answers(self) -> bool:
        """Whether a page is served now."""
        async with self.page() as page, page.post("/v1/connect", json={}) as response:
            return response.status == 200

    @contextlib.asynccontextmanager
    async def page(self, origin: str = ORIGIN) -> AsyncIterator[aiohttp.ClientSession]:
        connector = aiohttp.TCPConnector(ssl=self._trust)
        base = f"https://localhost:{self.port}"
        async with aiohttp.ClientSession(base, connector=connector, headers={"Origin": origin}) as session:
            yield session


@contextlib.asynccontextmanager
async def served(tmp_path: Path, **limits: Any) -> AsyncIterator[Served]:
    certs.context.ensure(tmp_path, time.time())
    desk = Desk()
    origins = Origins([ORIGIN, OTHER], None, time.monotonic)
    clocks = Clocks(lambda: datetime.now(UTC), time.monotonic)
    audit = Audit(Record(tmp_path / "audit", clocks.now), clocks.monotonic)
    service = Service(NoHost(), clocks, Choices(tmp_path), list, desk, audit)
    consent = Consent(origins, nobody, desk, time.monotonic)
    parts = Parts(
        *(service, origins, consent, Rates(time.monotonic)),
        development=False,
        overview=list,
        uploads=Uploads(tmp_path),
        limits=Limits(**limits),
    )
    server = Server(parts, certs.context.server_context(tmp_path))
    await server.start(0)
    try:
        yield Served(server, ssl.create_default_context(cafile=str(tmp_path / "root.pem")))
    finally:
        await server.close()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What still came until the other end closed."""
    with contextlib.suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), 20)
    return b""


async def test_a_peer_without_a_handshake_ends(tmp_path: Path) -> None:
    async with served(tmp_path, handshake=SHORT) as bridge:
        reader, writer = await asyncio.open_connection("127.0.0.1", bridge.port)
        assert await ended(reader) == b""
        writer.close()
        assert await bridge.answers()


async def test_a_handshake_and_nothing_more_ends_quietly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with served(tmp_path, head=SHORT) as bridge:
        reader, writer = await bridge.connect()
        assert await ended(reader) == b""
        writer.close()
    assert [record for record in caplog.records if record.levelname != "INFO"] == []


async def test_a_head_that_dribbles_ends(tmp_path: Path) -> None:
    async with served(tmp_path, head=SHORT) as bridge:
        reader, writer = await bridge.connect()
        end = asyncio.create_task(ended(reader))
        sent = b"GET / HTTP/1.1\r\nX: "
        for _ in range(400):
            writer.write(sent)
            sent = b"x"
            await asyncio.wait((end,), timeout=0.05)
            if end.done():
                break
        assert end.done()
        assert await end == b""
        writer.close()


async def test_a_body_that_stops_is_answered_and_ends(tmp_path: Path) -> None:
    async with served(tmp_path, body=SHORT) as bridge:
        reader, writer = await bridge.connect()
        writer.write(bridge.head(length=100) + b'{"a"')
        assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        assert await bridge.answers()


async def test_a_body_that_is_cut_off_harms_nobody(tmp_path: Path) -> None:
    async with served(tmp_path) as bridge:
        _, writer = await bridge.connect()
        writer.write(bridge.head(length=100) + b'{"a"')
        await writer.drain()
        writer.close()
        assert await bridge.answers()


@pytest.mark.parametrize("more", [b"", b"POST /v1/conn"])
async def test_an_idle_connection_ends_also_within_a_second_head(tmp_path: Path, more: bytes) -> None:
    async with served(tmp_path, idle=SHORT) as bridge:
        reader, writer = await bridge.connect()
        writer.write(bridge.head() + b"{}" + more)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        assert b'"origin":"https://portal.example"' in await ended(reader)
        writer.close()


async def test_a_connection_in_use_outlives_the_first_limits(tmp_path: Path) -> None:
    limits = {"head": SHORT, "handshake": SHORT}
    async with served(tmp_path, **limits) as bridge, bridge.page() as page, page.ws_connect("/v1/ws") as socket:
        reader, writer = await bridge.connect()
        assert await ended(reader) == b""  # as long as the limit, measured by a connection that hits it
        writer.close()
        await socket.send_json({"id": 1, "method": "connect"})
        assert (await socket.receive_json(timeout=20))["result"]["origin"] == ORIGIN


@pytest.mark.parametrize("ours", [True, False])
async def test_too_many_silent_peers_are_not_let_in(
    tmp_path: Path, ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of this user and of others apart: nobody fills the other's places."""
    async with served(tmp_path, silent=3, strangers=3) as bridge:
        with monkeypatch.context() as peers:
            peers.setattr(listener, "is_same_user", lambda _: ours)
            silent = [await bridge.connect() for _ in range(3)]
            with pytest.raises((ConnectionError, ssl.SSLError)):
                await bridge.connect()
        if not ours:
            assert await bridge.answers()
        for _, writer in silent[:1]:
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            writer.close()
        for _ in range(200):
            with contextlib.suppress(aiohttp.ClientError):
                if await bridge.answers():
                    break
            await asyncio.sleep(0.1)
        assert await bridge.answers()
        for _, writer in silent:
            writer.close()


async def test_two_hundred_silent_connections_leave_room(tmp_path: Path) -> None:
    async with served(tmp_path) as bridge:
        silent = [await bridge.connect() for _ in range(200)]
        assert await bridge.answers()
        for _, writer in silent:
            writer.close()


async def test_sockets_of_one_origin_are_counted(tmp_path: Path) -> None:
    async with served(tmp_path, sockets=2) as bridge, bridge.page() as page, bridge.page(OTHER) as other:
        async with page.ws_connect("/v1/ws"), page.ws_connect("/v1/ws"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await page.ws_connect("/v1/ws")
            assert refused.value.status == 429
            async with other.ws_connect("/v1/ws"):
                pass
        async with page.ws_connect("/v1/ws"):
            pass


async def test_an_unknown_origin_that_asks_too_often_waits_and_nobody_else(tmp_path: Path) -> None:
    async with served(tmp_path) as bridge, bridge.page(UNKNOWN) as unknown:
        statuses = []
        for _ in range(400):
            async with unknown.post("/v1/readers", json={}) as response:
                statuses.append(response.status)
        assert (statuses[0], statuses[-1]) == (403, 429)
        assert await bridge.answers()


async def test_a_socket_that_asks_too_often_waits(tmp_path: Path) -> None:
    async with served(tmp_path) as bridge, bridge.page(UNKNOWN) as unknown, unknown.ws_connect("/v1/ws") as socket:
        codes = []
        for number in range(400):
            await socket.send_json({"id": number, "method": "readers"})
            codes.append((await socket.receive_json(timeout=20))["error"]["code"])
        assert (codes[0], codes[-1]) == ("origin_denied", "rate_limited")


GARBAGE = {
    "TLS in TLS": b"\x16\x03\x01\x00\xc8\x01" + bytes(200),
    "no HTTP": b"hello\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n\r\n",
    "a head too long": b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    "two lengths": b"POST /v1/connect HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n",
    "a zero byte in a value": b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
}


@pytest.mark.parametrize("octets", GARBAGE.values(), ids=GARBAGE)
async def test_what_is_no_request_gets_a_4xx_and_the_connection_ends(tmp_path: Path, octets: bytes) -> None:
    async with served(tmp_path) as bridge:
        reader, writer = await bridge.connect()
        writer.write(octets)
        assert (await ended(reader)).split(b" ", 2)[1] == b"400"
        writer.close()
        assert await bridge.answers()


async def test_a_body_without_a_length_is_limited_too(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 16_384

    headers = {"Content-Type": "application/json"}
    async with served(tmp_path) as bridge, bridge.page() as page:
        async with page.post("/v1/connect", data=endless(), headers=headers) as response:
            assert response.status == 413
        assert await bridge.answers()
