"""The statement: the JSON that gets signed, composed in the card host and shown from the same bytes (pure).

`origin` is what the browser reported to the daemon; the page has no say in it. The bytes are RFC 8785 canonical JSON,
so that a verifier can demand them byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import rfc8785

VERSION = 1
CONTENT_TYPE = "2.25.131956424689632016405682573716432307829"
"""eContentType of a statement: nothing else that this bridge signs carries it (docs/protocol.md)."""


class Line(NamedTuple):
    """One line of the readable list; `value` is None for a heading."""

    depth: int
    label: str
    value: str | None

    def wire(self) -> dict[str, Any]:
        return self._asdict()


def compose(request: dict[str, Any], origin: str, certificate: bytes, now: datetime) -> bytes:
    """Canonical bytes of the statement. `request` holds type, action, aud, nonce, payload; `certificate` is DER.

    Raises rfc8785.CanonicalizationError for values that JSON cannot carry exactly.
    """
    return rfc8785.dumps(
        {
            "v": VERSION,
            "type": request["type"],
            "action": request["action"],
            "origin": origin,
            "aud": request["aud"],
            "nonce": request["nonce"],
            "issuedAt": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "cert": {"sha256": hashlib.sha256(certificate).hexdigest()},
            "payload": request["payload"],
        }
    )


def confirmation_number(request: dict[str, Any]) -> str:
    """確認番号: 8 digits that window and portal show alike (docs/protocol.md, What is signed)."""
    named = {name: request[name] for name in ("type", "action", "aud", "nonce", "payload")}
    digest = hashlib.sha256(rfc8785.dumps(named)).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**8:08d}"


def lines(payload: Any) -> list[Line]:
    """The payload as a list that a person can read, in the order that will be signed."""
    return list(_walk(payload, 0))


def _walk(value: Any, depth: int) -> Iterator[Line]:
    match value:
        case dict():
            for key in sorted(value):
                yield from _entry(key, value[key], depth)
        case list():
            for number, item in enumerate(value, 1):
                yield from _item(number, item, depth)
        case _:
            yield Line(depth, "", _leaf(value))


def _item(number: int, item: Any, depth: int) -> Iterator[Line]:
    match item:
        case {"label": str(label), "value": value, **rest} if not rest:
            yield from _entry(label, value, depth)
        case dict() | list():
            yield from _entry(f"{number}.", item, depth)
        case _:
            yield Line(depth, f"{number}.", _leaf(item))


def _entry(label: str, value: Any, depth: int) -> Iterator[Line]:
    match value:
        case dict() | list() if value:
            yield Line(depth, label, None)
            yield from _walk(value, depth + 1)
        case dict() | list():
            yield Line(depth, label, "―")
        case _:
            yield Line(depth, label, _leaf(value))


def _leaf(value: Any) -> str:
    match value:
        case None:
            return "―"
        case bool():
            return "はい" if value else "いいえ"
        case _:
            return str(value)
