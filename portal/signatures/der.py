"""A strict DER reader (X.690 §10, §11): definite minimal lengths, low tags, every byte accounted for.

It reads structure only. Each constructor of a value (integer, OID, time) refuses what is not its one DER form. The
reader never recurses; nesting is bounded by the callers, which walk a fixed structure. It copies nothing that is not
asked for: a signed document may have megabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

MAX_SIZE = 64 * 1024  # unless a caller names another limit
LARGEST = 2**24 - 1  # what three length octets can say
MAX_CHILDREN = 64

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1

_NAMES = {INTEGER: "INTEGER", OCTET_STRING: "OCTET STRING", OID: "OBJECT IDENTIFIER", SEQUENCE: "SEQUENCE", SET: "SET"}


class DerError(ValueError):
    """The bytes are not the DER that was expected here."""


class Element(NamedTuple):
    """One tag-length-value in `data`: it starts at `start`, its contents are from `begin` to `end`."""

    tag: int
    data: bytes
    start: int
    begin: int
    end: int

    @property
    def content(self) -> bytes:
        """The contents octets."""
        return self.data[self.begin : self.end]

    @property
    def raw(self) -> bytes:
        """All octets as received."""
        return self.data[self.start : self.end]


# What Element() does, in half the time: a statement has some sixty elements.
_new: Callable[[type[Element], tuple[int, bytes, int, int, int]], Element] = tuple.__new__


def read(data: bytes, tag: int | None = None, limit: int = MAX_SIZE) -> Element:
    """The one element that `data` consists of, to the last byte; of this tag if one is named. Raises DerError."""
    if len(data) > limit:
        raise DerError(f"more than {limit} bytes")
    element = _element(data, 0, len(data))
    if element.end != len(data):
        raise DerError(f"{len(data) - element.end} trailing bytes")
    return element if tag is None else expect(element, tag)


def children(element: Element, tag: int) -> tuple[Element, ...]:
    """The elements inside a constructed element of this tag, which they fill to the last byte. Raises DerError."""
    data, position, end = element.data, expect(element, tag).begin, element.end
    found: list[Element] = []
    while position < end:
        if len(found) == MAX_CHILDREN:
            raise DerError(f"more than {MAX_CHILDREN} elements")
        child = _element(data, position, end)
        found.append(child)
        position = child.end
    return tuple(found)


def set_of(element: Element, tag: int = SET) -> tuple[Element, ...]:
    """The elements of a SET OF, which DER keeps in ascending order of their octets (X.690 §11.6). Raises DerError."""
    found = children(element, tag)
    if len(found) > 1 and any(left.raw >= right.raw for left, right in pairwise(found)):
        raise DerError("SET OF out of order or with equal elements")
    return found


def only(elements: tuple[Element, ...]) -> Element:
    """The one element there is. Raises DerError for none or several."""
    if len(elements) != 1:
        raise DerError(f"expected 1 element, found {len(elements)}")
    return elements[0]


def exactly(count: int, elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """The elements, when there are as many. Raises DerError."""
    if len(elements) != count:
        raise DerError(f"expected {count} elements, found {len(elements)}")
    return elements


def at_least_one(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """The elements, when there are any. Raises DerError."""
    if not elements:
        raise DerError("empty")
    return elements


def expect(element: Element, tag: int) -> Element:
    """The element itself when it has this tag. Raises DerError."""
    if element.tag != tag:
        raise DerError(f"expected {_NAMES.get(tag, f'tag {tag:02x}')}, found tag {element.tag:02x}")
    return element


def integer(element: Element) -> int:
    """A non-negative INTEGER of at most 20 octets, the longest serial (RFC 5280 §4.1.2.2). Raises DerError."""
    octets = expect(element, INTEGER).content
    if not octets or len(octets) > 21:
        raise DerError("INTEGER of a length that is not used here")
    if octets[0] & 0x80:
        raise DerError("negative INTEGER")
    if len(octets) > 1 and octets[0] == 0 and not octets[1] & 0x80:
        raise DerError("INTEGER with a padding octet")
    return int.from_bytes(octets, "big")


def octets(element: Element) -> bytes:
    """A BIT STRING of whole octets (X.690 §8.6.2), as keys and signatures are. Raises DerError."""
    content = expect(element, BIT_STRING).content
    if content[:1] != b"\x00":
        raise DerError("BIT STRING with unused bits")
    return content[1:]


def oid(element: Element) -> str:
    """An OBJECT IDENTIFIER in dotted form (X.690 §8.19). Raises DerError."""
    return _dotted(expect(element, OID).content)


@lru_cache(maxsize=256)  # the same few in every message
def _dotted(octets: bytes) -> str:
    if not octets or len(octets) > 64 or octets[-1] & 0x80:
        raise DerError("OBJECT IDENTIFIER of a length that is not used here, or cut off")
    arcs: list[int] = []
    value, fresh = 0, True
    for octet in octets:
        if fresh and octet == 0x80:
            raise DerError("OBJECT IDENTIFIER with a padded arc")
        value, fresh = value << 7 | octet & 0x7F, not octet & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def time(element: Element) -> datetime:
    """A Time (RFC 5652 §11.3): UTCTime YYMMDDHHMMSSZ through 2049, GeneralizedTime from 2050. Raises DerError."""
    text = element.content
    if element.tag == UTC_TIME and len(text) == 13:
        # RFC 5652 §11.3: years 50 to 99 are of the twentieth century
        text = (b"19" if text[:2] >= b"50" else b"20") + text
    elif element.tag != GENERALIZED_TIME or len(text) != 15 or text < b"2050":
        raise DerError("expected a Time in its DER form")
    if not text[:-1].isdigit() or text[-1:] != b"Z":
        raise DerError("Time with something else than digits and Z")
    try:
        year, month, day, hour = int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10])
        return datetime(year, month, day, hour, int(text[10:12]), int(text[12:14]), tzinfo=UTC)
    except ValueError as error:
        raise DerError("a Time that no calendar has") from error


def _element(data: bytes, start: int, limit: int) -> Element:
    """The element at `start`, which may not reach beyond `limit`."""
    if start >= limit:
        raise DerError("no element")
    tag = data[start]
    if tag & 0x1F == 0x1F or tag == 0:
        raise DerError("tag number that is not used here")
    begin = start + 2
    if begin > limit:
        raise DerError("length cut off")
    length = data[start + 1]
    if length >= 0x80:
        length, begin = _long_length(data, begin, length & 0x7F, limit)
    end = begin + length
    if end > limit:
        raise DerError("element cut off")
    return _new(Element, (tag, data, start, begin, end))


def _long_length(data: bytes, position: int, count: int, limit: int) -> tuple[int, int]:
    """The length that so many octets from `position` on say, and where the contents begin."""
    if not 1 <= count <= 3:  # 0x80 is BER's indefinite form; LARGEST needs no more than 3
        raise DerError("indefinite or oversized length")
    octets = data[position : min(position + count, limit)]
    value = int.from_bytes(octets, "big")
    if len(octets) < count or octets[0] == 0 or value < 0x80:
        raise DerError("length cut off or not minimal")
    return value, position + count
