"""Requests byte for byte, as no client library would send them."""

from __future__ import annotations

import asyncio
import json
from typing import NamedTuple

from tests.flow.bridge import ORIGIN, Bridge


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


GOOD = [("Host", "localhost:{port}"), ("Origin", ORIGIN), ("Content-Type", "application/json")]
UPGRADE = [
    ("Host", "localhost:{port}"),
    ("Origin", ORIGIN),
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
]


def changed(base: list[tuple[str, str]], name: str, *values: str) -> list[tuple[str, str]]:
    """The same headers with one of them replaced, repeated or (without values) left out."""
    return [pair for pair in base if pair[0] != name] + [(name, value) for value in values]


async def send(bridge: Bridge, request: str, headers: list[tuple[str, str]], body: bytes = b"{}") -> Reply:
    """One request, byte for byte, over TLS; returns the parsed answer."""
    reader, writer = await asyncio.open_connection(
        "localhost", bridge.port, ssl=bridge.tls(), server_hostname="localhost"
    )
    lines = [f"{name}: {value}".format(port=bridge.port) for name, value in headers]
    length = [f"Content-Length: {len(body)}"] if request.startswith("POST") else []
    writer.write("\r\n".join([request, *lines, *length, "", ""]).encode() + (body if length else b""))
    try:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode().split("\r\n")
        found = dict(line.split(": ", 1) for line in head[1:] if line)
        length_of_body = 0 if request.startswith("HEAD") else int(found.get("Content-Length", 0))
        content = await reader.readexactly(length_of_body)
    finally:
        writer.close()
    return Reply(int(head[0].split()[1]), found, content)
