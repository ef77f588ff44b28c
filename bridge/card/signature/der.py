"""DER as it is written here (X.690): elements from their contents, and where those of our own stand (pure).

For fixed structures that this program makes itself; what comes from outside is read by stricter eyes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

INTEGER, OCTETS, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
EXPLICIT_0, EXPLICIT_1 = 0xA0, 0xA1


class Head(NamedTuple):
    """Offsets of an element's contents."""

    tag: int
    start: int
    end: int


def tlv(tag: int, *parts: bytes) -> bytes:
    """An element of these contents, its length in the shortest form (X.690 §10.1)."""
    content = b"".join(parts)
    return bytes((tag,)) + _length(len(content)) + content


def opened(tag: int, begun: bytes, after: int) -> bytes:
    """An element's first bytes: what of its contents is here, while so many bytes come later."""
    return bytes((tag,)) + _length(len(begun) + after) + begun


def head(der: bytes, at: int) -> Head:
    """The element that begins at an offset. Raises IndexError beyond the end."""
    tag, length, start = der[at], der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length, start = int.from_bytes(der[start : start + octets], "big"), start + octets
    return Head(tag, start, start + length)


@lru_cache(maxsize=64)
def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER (X.690 §8.19)."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OID, b"".join(map(_base128, (first * 40 + second, *rest))))


def integer(number: int) -> bytes:
    """INTEGER, not negative, in the fewest octets (X.690 §8.3)."""
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(arc & 0x7F | 0x80)
    return bytes(reversed(octets))
