"""Frames on the pipe between daemon and card host, both ends.

A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON (one object). Nothing in it depends on the
bitness or the Python of either end, so that a 32-bit host can serve a 32-bit vendor library. A PIN is never framed:
it goes from the window to the host, not through here.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

MAX_FRAME = 8 << 20
"""Bytes. A batch of 500 documents' names and digests stays far below it."""

_LENGTH = struct.Struct(">I")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Frame = dict[str, Any]


class ChannelBroken(Exception):
    """The other end is gone, or does not speak frames."""


def encode(frame: Frame) -> bytes:
    body = _JSON.encode(frame).encode()
    if len(body) > MAX_FRAME:
        raise ChannelBroken(f"a frame of {len(body)} bytes is over the limit of {MAX_FRAME}")
    return _LENGTH.pack(len(body)) + body


def decode(body: bytes | bytearray) -> Frame:
    """Raises ChannelBroken for anything but one JSON object."""
    try:
        frame = json.loads(body)
    except ValueError as error:
        raise ChannelBroken("a frame is not JSON") from error
    if not isinstance(frame, dict):
        raise ChannelBroken("a frame is not an object")
    return frame


def _length(head: bytes | bytearray) -> int:
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise ChannelBroken(f"a frame of {length} bytes is over the limit of {MAX_FRAME}")
    return int(length)


class FrameBuffer:
    """The daemon's end: bytes in as they come, whole frames out."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed(self, octets: bytes) -> Iterator[Frame]:
        """The frames that are whole by now. Raises ChannelBroken."""
        self._octets += octets
        while len(self._octets) >= _LENGTH.size:
            end = _LENGTH.size + _length(self._octets[: _LENGTH.size])
            if len(self._octets) < end:
                return
            body = self._octets[_LENGTH.size : end]
            del self._octets[:end]
            yield decode(body)


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
