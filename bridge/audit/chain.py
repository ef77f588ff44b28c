"""Lines of which each vouches for all before it (pure).

`{"i":2,"prev":"<64 hex>","at":"2026-11-30T07:51:05.123Z","event":"sign",…,"hash":"<64 hex>"}` and a line feed. `hash`
is the SHA-256 of the bytes up to `,"hash":`, `prev` that of the line before, and the first line's is all zeros: no byte
can be exchanged and no line taken out, put in or moved without a later line saying so.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NamedTuple

Facts = dict[str, Any]
"""What a line says beside its place in the chain: strings, numbers, booleans, null and lists of strings."""

_SEAL = re.compile(rb',"hash":"[0-9a-f]{64}"}')
_HASH = re.compile("[0-9a-f]{64}")
_MAX_LINE = 64 << 10


class Malformed(ValueError):
    """Bytes that are no line of ours, whole and unchanged."""


class Head(NamedTuple):
    """A line by number and hash: what the next one follows."""

    number: int
    hash: str


START = Head(0, "0" * 64)
"""What the first line follows."""


class Line(NamedTuple):
    number: int
    prev: str
    at: str
    """RFC 3339 in UTC, to the millisecond: this computer's clock."""
    event: str
    facts: Facts
    hash: str

    @property
    def head(self) -> Head:
        return Head(self.number, self.hash)


def seal(head: Head, at: str, event: str, facts: Facts) -> tuple[bytes, Line]:
    """The bytes of the line that follows `head`, line feed included."""
    number = head.number + 1
    text = _ENCODER.encode({"i": number, "prev": head.hash, "at": at, "event": event, **facts})
    body = text[:-1].encode()
    digest = hashlib.sha256(body).hexdigest()
    return b'%b,"hash":"%b"}\n' % (body, digest.encode()), Line(number, head.hash, at, event, facts, digest)


def unseal(raw: bytes) -> Line:
    """A line without its line feed. Raises Malformed."""
    body, _, tail = raw.rpartition(b',"hash":"')
    digest = hashlib.sha256(body).hexdigest()
    if len(raw) > _MAX_LINE or tail != digest.encode() + b'"}':
        raise Malformed("the hash is not that of the line")
    try:
        content: dict[str, Any] = json.loads(body + b"}", object_pairs_hook=_unique)
        match content:
            case {"i": int(number), "prev": str(prev), "at": str(at), "event": str(event), **facts} if _is_hash(prev):
                return Line(number, prev, at, event, facts, digest)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    raise Malformed("not the keys of a line")


def is_cut_off(piece: bytes, head: Head) -> bool:
    """Whether these bytes may be the beginning of the line after `head`, whose end a power cut took.

    Some file systems then show zeros where the rest should be. What holds a complete line and more was not cut off.
    """
    shown = piece.rstrip(b"\0")
    begins = b'{"i":%d,"prev":"%b","at":"' % (head.number + 1, head.hash.encode())
    return shown[: len(begins)] == begins[: len(shown)] and not _SEAL.search(shown)


def _is_hash(text: str) -> bool:
    return _HASH.fullmatch(text) is not None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate key")
    return table


# Japanese as people read it; line feeds inside a text are escaped by JSON.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
