"""One document: what the daemon hands over of it, and its measure, taken from its bytes piece by piece.

A file is read once, in pieces, so that memory stays flat; only what is put into an attached signature is kept.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Iterator
from typing import Any, NamedTuple

from bridge.card.signature.algorithms import Hash
from bridge.errors import BadRequest, FormatRefused
from bridge.requested import Format

PIECE = 1 << 20
"""Bytes that are read at a time."""
MAX_ATTACHED = 2 << 20
"""Bytes of all documents of a request that go back inside their signatures: one frame holds them as base64."""


class Document(NamedTuple):
    """Exactly one of `content`, `path` and `given` is there."""

    name: str
    format: Format
    hash: Hash
    content: bytes | None = None
    path: str = ""
    given: bytes | None = None
    """The hash of something that is not shown to us; for `raw` only."""
    prepared: dict[str, Any] | None = None
    """What the process that reads XML and PDF says of it; for these formats only."""

    @classmethod
    def parse(cls, wire: dict[str, Any]) -> Document:
        """From the daemon's frame. Raises BadRequest."""
        try:
            named = wire["name"], Format(wire["format"]), Hash(wire["hash"])
            match wire:
                case {"content": str(content)} if named[1] not in _PREPARED:
                    return cls(*named, content=base64.b64decode(content, validate=True))
                case {"path": str(path), "prepared": dict(prepared)} if named[1] in _PREPARED:
                    return cls(*named, path=path, prepared=prepared)
                case {"path": str(path)} if named[1] not in _PREPARED:
                    return cls(*named, path=path)
                case {"digest": str(digest)} if named[1] is Format.RAW:
                    return cls(*named, given=bytes.fromhex(digest))
        except (KeyError, ValueError) as error:
            raise BadRequest("a document is not of the daemon's form") from error
        raise BadRequest("a document has neither content nor file nor digest")

    def pieces(self) -> Iterator[bytes]:
        """Raises BadRequest."""
        if self.content is None:
            yield from pieces(self.path)
        else:
            yield self.content


_PREPARED = frozenset({Format.PADES, Format.XADES})


def pieces(path: str) -> Iterator[bytes]:
    """Of a file, no link. Raises BadRequest."""
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadRequest("a document is no file")
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise BadRequest(f"a document cannot be read: {error.strerror}") from error


_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Measured(NamedTuple):
    document: Document
    size: int | None
    """Bytes; None where only a digest was given."""
    sha256: bytes | None
    digest: bytes
    """By the document's own hash."""
    attached: bytes | None
    """The content, where the signature holds it and goes back with it."""

    def shown(self) -> dict[str, Any]:
        """A document of the window's question."""
        used = self.document.hash if self.sha256 is None else Hash.SHA256
        return {
            "name": self.document.name,
            "size": self.size,
            "hash": used.value,
            "digest": (self.digest if self.sha256 is None else self.sha256).hex(),
            "raw": self.document.format is Format.RAW,
        }

    def told(self) -> dict[str, Any]:
        """What the reply says beside the signature."""
        known = {} if self.sha256 is None else {"sha256": self.sha256.hex()}
        return {"hash": self.document.hash.value, "digest": self.digest.hex(), **known}


def measure(document: Document, room: int = MAX_ATTACHED) -> Measured:
    """Raises BadRequest, FormatRefused for what could be a CMS signer's attributes.

    `room`: bytes that an attached document of a file may have to be kept; one that came in the frame always is.
    """
    if document.content is not None:
        room = len(document.content)
    if document.given is not None:
        if len(document.given) != document.hash.octets:
            raise BadRequest("a digest is not as long as its hash")
        return Measured(document, None, None, document.given, None)
    first, digest = hashlib.sha256(), hashlib.new(document.hash.library_name)
    size, head, kept = 0, b"", bytearray()
    for piece in document.pieces():
        first.update(piece)
        if document.hash is not Hash.SHA256:
            digest.update(piece)
        size, head = size + len(piece), head or piece[:16]
        if document.format is Format.CADES_ATTACHED and size <= room:
            kept += piece
    if document.format is Format.RAW and is_like_attributes(head, size):
        raise FormatRefused("bytes that can be a CMS signer's attributes are not signed as they are")
    own = first.digest() if document.hash is Hash.SHA256 else digest.digest()
    attached = bytes(kept) if document.format is Format.CADES_ATTACHED and size <= room else None
    return Measured(document, size, first.digest(), own, attached)


def is_like_attributes(head: bytes, size: int) -> bool:
    """Whether a SET that spans all of it begins with a SEQUENCE and an OBJECT IDENTIFIER: signed raw, it would be a
    CMS signature over whatever its message-digest names (RFC 5652 §5.4). Read with every length form of BER, and
    doubtful ones count as yes. `head`: the first 16 bytes.
    """
    if head[:1] != b"\x31":
        return False
    spans, at = _span(head, 1)
    if at < len(head):
        if (spans is not None and at + spans != size) or head[at] != _SEQUENCE:
            return False
        _, at = _span(head, at + 1)
    return at < size and head[at : at + 1] in (b"", b"\x06")


_SEQUENCE = 0x30


def _span(head: bytes, at: int) -> tuple[int | None, int]:
    """The length that stands there, None for the indefinite form, and where the content begins (X.690 §8.1.3)."""
    first = head[at] if at < len(head) else 0
    if first < 0x80:
        return first, at + 1
    octets = first & 0x7F
    length = int.from_bytes(head[at + 1 : at + 1 + octets], "big") if octets else None
    return length, at + 1 + octets
