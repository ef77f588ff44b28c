"""The outer shape of a reply from the network, looked at before anything reads its values (pure).

One element to the last byte, definite lengths in their shortest form (X.690 §10.1), and neither so deep nor of so many
elements that a reader could be kept busy.
"""

from __future__ import annotations

MAX_BYTES = 64 << 10
"""Of a reply: a token with a chain of four certificates has some 8 KiB."""
MAX_DEPTH = 24
MAX_ELEMENTS = 4096
_CONSTRUCTED, _LONG_TAG, _UNIVERSAL_END, _SEQUENCE_AND_SET = 0x20, 0x1F, 0x40, (0x10, 0x11)


class NotDer(ValueError):
    """The text says what is wrong."""


def check(reply: bytes) -> None:
    """Raises NotDer."""
    if not 0 < len(reply) <= MAX_BYTES:
        raise NotDer(f"{len(reply)} bytes")
    waiting, seen = [(0, len(reply), 0)], 0
    while waiting:
        at, end, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise NotDer(f"deeper than {MAX_DEPTH}")
        while at < end:
            if (seen := seen + 1) > MAX_ELEMENTS:
                raise NotDer(f"more than {MAX_ELEMENTS} elements")
            tag, start, stop = _element(reply, at, end)
            if tag & _CONSTRUCTED:
                waiting.append((start, stop, depth + 1))
            at = stop
            if depth == 0 and at != end:
                raise NotDer("trailing bytes")


def _element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Its tag, where its contents begin, and where they end."""
    if end - at < 2:
        raise NotDer("cut off")
    tag, first, start = data[at], data[at + 1], at + 2
    number, constructed = tag & _LONG_TAG, bool(tag & _CONSTRUCTED)
    # X.690 §10.2: of universal types only SEQUENCE and SET are constructed in DER
    if number == _LONG_TAG or not tag or (tag < _UNIVERSAL_END and constructed != (number in _SEQUENCE_AND_SET)):
        raise NotDer("a tag that is not used here")
    length = first
    if first & 0x80:
        octets = data[start : min(start + (first & 0x7F), end)]
        if not 1 <= (first & 0x7F) <= 3 or len(octets) < first & 0x7F:
            raise NotDer("an indefinite length, or one cut off")
        length, start = int.from_bytes(octets, "big"), start + len(octets)
        if length < 0x80 or not octets[0]:
            raise NotDer("a length that is not in its shortest form")
    if start + length > end:
        raise NotDer("cut off")
    return tag, start, start + length
