"""The byte range of a PDF that another process has prepared: checked and hashed from the file, without reading PDF.

A prepared file is the person's own with something written behind it (an incremental update, ISO 32000-1 §7.5.6), and in
that a gap of zeros for the signature (§12.8.1, ByteRange). Both is looked at here; what the addition says is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from bridge.card.signature.algorithms import Hash
from bridge.errors import BadRequest, DocumentMalformed

MAX_ADDED = 4 << 20
"""Bytes behind the person's document: a field, its picture, room for signature and time-stamp."""


class ByteRange(NamedTuple):
    """Offsets of the gap in the prepared file: what stands before `gap` and from `rest` on is signed."""

    path: str
    gap: int
    rest: int
    size: int
    """Of the whole prepared file."""

    @classmethod
    def parse(cls, wire: dict[str, Any]) -> ByteRange:
        """From the daemon's frame. Raises BadRequest."""
        match wire:
            case {"path": str(path), "range": [0, int(gap), int(rest), int(after)]} if 0 < gap < rest and after > 0:
                return cls(path, gap, rest, rest + after)
        raise BadRequest("a byte range is not of the daemon's form")

    def digest(self, pieces: Iterable[bytes], size: int, sha256: bytes, used: Hash) -> bytes:
        """Of the signed bytes of the prepared file, which begins with the document: `size` bytes of that hash.

        Raises DocumentMalformed when it does not, or the gap is none.
        """
        if not size < self.gap or self.size - size > MAX_ADDED:
            raise DocumentMalformed("the gap for the signature is not behind the document")
        original, signed, left_out, read = hashlib.sha256(), hashlib.new(used.library_name), bytearray(), 0
        for start, piece in _placed(pieces):
            read = start + len(piece)
            original.update(piece[: max(0, size - start)])
            before, after = max(0, self.gap - start), max(0, self.rest - start)
            signed.update(piece[:before])
            left_out += piece[before:after]
            signed.update(piece[after:])
        if read != self.size or original.digest() != sha256:
            raise DocumentMalformed("the prepared file is not the document with an addition")
        if left_out != b"<" + b"0" * (len(left_out) - 2) + b">":
            raise DocumentMalformed("what is left out for the signature is not empty")
        return signed.digest()


def _placed(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    start = 0
    for piece in pieces:
        yield start, piece
        start += len(piece)
