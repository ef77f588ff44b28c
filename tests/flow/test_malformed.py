"""Bodies, messages and frames that are none: a clear refusal on both doors, and the daemon goes on."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.flow.bridge import ORIGIN, Bridge
from tests.flow.wire import GOOD, send

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_body_over_the_limit(bridge: Bridge) -> None:
    reply = await send(bridge, "POST /v1/connect HTTP/1.1", GOOD, b" " * (256 * 1024 + 1))
    assert (reply.status, reply.code) == (413, "too_large")


BODIES: list[Any] = [b"", b"{", b'{"a":1,"a":2}', b"\xff", b"[" * 5000, b"[]", b'"x"', b'{"pin":"1234"}']


@pytest.mark.parametrize("body", BODIES)
async def test_a_malformed_body(bridge: Bridge, body: bytes) -> None:
    reply = await send(bridge, "POST /v1/connect HTTP/1.1", GOOD, body)
    assert (reply.status, reply.code) == (400, "bad_request")


async def test_malformed_messages_on_the_socket(bridge: Bridge) -> None:
    async with bridge.page() as page, page.socket() as socket:
        for raw in ("{", "[]", '{"id":1}', '{"id":1,"id":2,"method":"readers"}'):
            await socket.raw.send_str(raw)
            assert (await socket.reply(None))["error"]["code"] == "bad_request"
        for raw in (
            '{"id":1,"method":"readers","params":' + "[" * 5000,
            '{"id":2,"method":"sign","params":{"a":1,"a":2}}',
        ):
            await socket.raw.send_str(raw)
            assert (await socket.reply(None))["error"]["code"] == "bad_request"
        await socket.ask(3, "readers", {})
        assert "result" in await socket.reply(3)
        await socket.raw.send_str(" " * (256 * 1024 + 1))
        # The reason is lost when the connection ends before the page has sent all of it (RFC 6455 §7.1.5).
        assert await socket.closed() in (aiohttp.WSCloseCode.MESSAGE_TOO_BIG, aiohttp.WSCloseCode.ABNORMAL_CLOSURE)
        assert (await page.result("connect", {}))["origin"] == ORIGIN


# RFC 6455 §5.2: final, text or binary or none, masked by a key of zeros
FRAMES = {
    "not UTF-8": b"\x81\x82\x00\x00\x00\x00\xff\xfe",
    "binary": b"\x82\x82\x00\x00\x00\x00{}",
    "an opcode that is none": b"\x83\x80\x00\x00\x00\x00",
    "a length beyond the limit": b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
async def test_frames_that_are_no_message_end_their_socket_alone(bridge: Bridge, frame: bytes) -> None:
    async with bridge.page() as page, page.socket() as socket, page.socket() as beside:
        connection = socket.raw._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.write(frame)
        await socket.closed()
        assert socket.raw.closed
        await beside.ask(1, "readers", {})
        assert "result" in await beside.reply(1)
