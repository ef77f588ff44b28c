"""Seeded mutations of signed files: of bits and bytes, and of DER elements, whose lengths then agree again."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache

from portal.signatures import der
from portal.signatures.der import DerError, Element

Path = list[int]
"""Which child of which child: the way from the outermost element to one inside."""


def mutated(file: bytes, other: bytes, dice: random.Random) -> bytes:
    """The file with one thing changed; `other` is where foreign elements come from."""
    if not dice.randrange(4):
        return dice.choice(_BYTES)(file, dice)
    kind = dice.choice(_ELEMENTS)
    here, there = dice.choice(_paths(file)), dice.choice(_paths(other))
    return _rebuilt(der.read(file, limit=der.LARGEST), here, lambda raw: kind(raw, element(other, there).raw, dice))


def replaced(file: bytes, path: Path, raw: bytes) -> bytes:
    """The file with these octets in place of the element at the end of the path."""
    return _rebuilt(der.read(file, limit=der.LARGEST), path, lambda _: raw)


def _flip(file: bytes, dice: random.Random) -> bytes:
    position = dice.randrange(len(file))
    return file[:position] + bytes((file[position] ^ 1 << dice.randrange(8),)) + file[position + 1 :]


def _replace(file: bytes, dice: random.Random) -> bytes:
    position = dice.randrange(len(file))
    return file[:position] + bytes((dice.randrange(256),)) + file[position + 1 :]


def _insert(file: bytes, dice: random.Random) -> bytes:
    position = dice.randrange(len(file) + 1)
    return file[:position] + dice.randbytes(dice.choice((1, 2, 8))) + file[position:]


def _cut(file: bytes, dice: random.Random) -> bytes:
    position = dice.randrange(len(file))
    return file[:position] + file[position + dice.choice((1, 2, 8)) :]


def _drop(_: bytes, __: bytes, ___: random.Random) -> bytes:
    return b""


def _double(raw: bytes, _: bytes, __: random.Random) -> bytes:
    return raw + raw


def _foreign(_: bytes, foreign: bytes, __: random.Random) -> bytes:
    return foreign


def _beside(raw: bytes, foreign: bytes, dice: random.Random) -> bytes:
    return raw + foreign if dice.randrange(2) else foreign + raw


def _retagged(raw: bytes, _: bytes, dice: random.Random) -> bytes:
    return bytes((dice.choice((0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x30, 0x31, 0x80, 0xA0, 0xA1)),)) + raw[1:]


def _indefinite(raw: bytes, _: bytes, __: random.Random) -> bytes:
    """BER's other way to say where an element ends."""
    element = der.read(raw, limit=der.LARGEST)
    return raw[:1] + b"\x80" + element.content + b"\x00\x00"


def _long_length(raw: bytes, _: bytes, __: random.Random) -> bytes:
    """BER allows a length with more octets than it needs."""
    element = der.read(raw, limit=der.LARGEST)
    return raw[:1] + b"\x84" + len(element.content).to_bytes(4, "big") + element.content


def _emptied(raw: bytes, _: bytes, __: random.Random) -> bytes:
    return raw[:1] + b"\x00"


def _null(raw: bytes, _: bytes, __: random.Random) -> bytes:
    """AlgorithmIdentifiers with and without NULL are two ways to say one thing."""
    return raw + b"\x05\x00"


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flip, _flip, _replace, _insert, _cut)
_ELEMENTS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    *(_drop, _double, _foreign, _beside, _retagged, _indefinite, _long_length, _emptied, _null),
)


@lru_cache(maxsize=64)
def _paths(file: bytes) -> list[Path]:
    found: list[Path] = []
    waiting: list[tuple[Path, Element]] = [([], der.read(file, limit=der.LARGEST))]
    while waiting:
        path, element = waiting.pop()
        found.append(path)
        waiting += [([*path, number], child) for number, child in enumerate(_children(element))]
    return found


def _children(element: Element) -> tuple[Element, ...]:
    if not element.tag & 0x20:
        return ()
    try:
        return der.children(element, element.tag)
    except DerError:
        return ()


def element(file: bytes, path: Path) -> Element:
    """The element at the end of the path."""
    found = der.read(file, limit=der.LARGEST)
    for number in path:
        found = _children(found)[number]
    return found


def _rebuilt(element: Element, path: Path, change: Callable[[bytes], bytes]) -> bytes:
    """The element with the one at the end of the path changed, and every length on the way made to agree."""
    if not path:
        return change(element.raw)
    parts = [each.raw for each in _children(element)]
    parts[path[0]] = _rebuilt(_children(element)[path[0]], path[1:], change)
    content = b"".join(parts)
    return tlv(element.raw[0], content)


def tlv(tag: int, content: bytes) -> bytes:
    """DER of an element with a low tag."""
    count = len(content)
    if count < 0x80:
        return bytes((tag, count)) + content
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content
