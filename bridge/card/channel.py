"""Frames on the pipe between daemon and card host, both ends.

A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON (one object). Nothing in it depends on the
bitness or the Python of either end, so that a 32-bit host can serve a 32-bit vendor library. A PIN is never framed:
it goes from the window to the host, not through here.
"""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, BinaryIO, Protocol

MAX_FRAME = 8 << 20
"""Bytes. A batch of 500 documents' names and digests stays far below it."""

_LENGTH = struct.Struct(">I")

Frame = dict[str, Any]


class ChannelBroken(Exception):
    """The other end is gone, or does not speak frames."""


class FrameReader(Protocol):
    async def readexactly(self, n: int, /) -> bytes: ...


def encode(frame: Frame) -> bytes:
    body = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > MAX_FRAME:
        raise ChannelBroken(f"a frame of {len(body)} bytes is over the limit of {MAX_FRAME}")
    return _LENGTH.pack(len(body)) + body


def decode(body: bytes) -> Frame:
    """Raises ChannelBroken for anything but one JSON object."""
    try:
        frame = json.loads(body)
    except ValueError as error:
        raise ChannelBroken("a frame is not JSON") from error
    if not isinstance(frame, dict):
        raise ChannelBroken("a frame is not an object")
    return frame


def _length(head: bytes) -> int:
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise ChannelBroken(f"a frame of {length} bytes is over the limit of {MAX_FRAME}")
    return int(length)


async def read_frame(stream: FrameReader) -> Frame:
    """The daemon's end. Raises ChannelBroken, also at the end of the stream."""
    try:
        return decode(await stream.readexactly(_length(await stream.readexactly(_LENGTH.size))))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise ChannelBroken("the card host closed the pipe") from error


def read_frame_blocking(stream: BinaryIO) -> Frame | None:
    """The host's end; None at a clean end of the stream. Raises ChannelBroken for half a frame."""
    head = stream.read(_LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise ChannelBroken("half a frame")
    length = _length(head)
    body = stream.read(length)
    if len(body) < length:
        raise ChannelBroken("half a frame")
    return decode(body)
