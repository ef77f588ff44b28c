"""Every structural change of a signed file, one at a time: each element of its tree left out, doubled, emptied,
exchanged with the next, of another kind or of another value, with lengths that agree again.

The tree goes on inside of OCTET STRINGs and BIT STRINGs that hold DER, as extensions, keys and signatures do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from portal.signatures import der
from portal.signatures.der import DerError
from tests.unit.mutations import tlv

_NULL = b"\x05\x00"
_CONSTRUCTED = 0x20
_TAGS = (0x02, 0x04, 0x30, 0xA0)


class Node(NamedTuple):
    """An element; `before` its `inside`: a BIT STRING's octet for unused bits."""

    tag: int
    before: bytes
    inside: tuple[Node, ...]
    content: bytes

    @property
    def raw(self) -> bytes:
        return tlv(self.tag, self.content)


def changes(file: bytes) -> Iterator[bytes]:
    """The file, DER, with one element changed; each change once, some ten for each element."""
    seen = {file}
    for changed in _changes(_node(der.read(file, limit=der.LARGEST))):
        if changed not in seen:
            seen.add(changed)
            yield changed


def _changes(node: Node) -> Iterator[bytes]:
    """The octets in its place."""
    yield from _of_itself(node)
    raws = [each.raw for each in node.inside]
    for at, child in enumerate(node.inside):
        before, after = node.before + b"".join(raws[:at]), b"".join(raws[at + 1 :])
        yield from (tlv(node.tag, before + changed + after) for changed in _changes(child))
        if after:
            yield tlv(node.tag, before + raws[at + 1] + raws[at] + b"".join(raws[at + 2 :]))


def _of_itself(node: Node) -> Iterator[bytes]:
    raw = node.raw
    yield from (b"", raw + raw, tlv(node.tag, b""), raw + _NULL, _NULL)
    yield from (bytes((tag,)) + raw[1:] for tag in _TAGS)
    if not node.tag & _CONSTRUCTED:
        yield from (tlv(node.tag, value) for value in _values(node.content))


def _values(content: bytes) -> Iterator[bytes]:
    """Of a simple type: ends of its range, and one that is longer or shorter than it may be."""
    count = max(len(content), 1)
    yield from (b"\x00" * count, b"\xff" * count, b"\xff" * 200, content[:-1], content + b"\x00")


def _node(element: der.Element) -> Node:
    content = element.content
    before = content[:1] if element.tag == der.BIT_STRING and content[:1] == b"\x00" else b""
    return Node(element.tag, before, _inside(element.tag, content[len(before) :]), content)


def _inside(tag: int, content: bytes) -> tuple[Node, ...]:
    if not (tag & _CONSTRUCTED or tag in (der.OCTET_STRING, der.BIT_STRING)):
        return ()
    try:
        return tuple(map(_node, der.children(der.read(tlv(der.SEQUENCE, content), limit=der.LARGEST), der.SEQUENCE)))
    except DerError:
        return ()
