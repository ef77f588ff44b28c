"""The statement that was signed (docs/protocol.md): strict JSON, canonical byte for byte (RFC 8785). Pure."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

import rfc8785

from portal.refusals import Refused
from portal.signatures import canonical as exact
from portal.signatures.canonical import NotCanonical

CONTENT_TYPE = "2.25.131956424689632016405682573716432307829"
VERSION = 1
MAX_DEPTH = 8  # of the payload

_KEYS = frozenset({"v", "type", "action", "origin", "aud", "nonce", "issuedAt", "cert", "payload"})
_TYPE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{43,128}")  # base64url of 32 bytes or more, no padding
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ISSUED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class Statement(NamedTuple):
    """A statement's fields. `issued_at` is the PC's clock: recorded, never believed."""

    type: str
    action: str
    origin: str
    aud: str
    nonce: str
    issued_at: datetime
    certificate_sha256: str
    payload: dict[str, Any]

    def payload_digest(self) -> bytes:
        """SHA-256 of the canonical payload. What a nonce is minted for is written by another library: both agree."""
        return hashlib.sha256(exact.write(self.payload)).digest()


def read(content: bytes) -> Statement:
    """The statement that these bytes are. Raises Refused: statement_malformed, statement_keys, not_canonical."""
    try:
        value = exact.read(content)
    except NotCanonical as error:
        raise Refused("not_canonical") from error
    except (ValueError, RecursionError) as error:
        raise Refused("statement_malformed", type(error).__name__) from error
    if not isinstance(value, dict) or set(value) != _KEYS:
        raise Refused("statement_keys")
    return _statement(value)


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises rfc8785.CanonicalizationError."""
    return rfc8785.dumps(value)


def confirmation_number(type: str, action: str, aud: str, nonce: str, payload: Any) -> str:  # noqa: A002 - the protocol's word
    """確認番号: 8 digits from SHA-256 over the canonical {type, action, aud, nonce, payload}."""
    digest = hashlib.sha256(
        canonical({"type": type, "action": action, "aud": aud, "nonce": nonce, "payload": payload})
    ).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**8:08d}"


def payload_digest(payload: Any) -> bytes:
    """SHA-256 of the canonical payload: what a nonce is minted for."""
    return hashlib.sha256(canonical(payload)).digest()


def _statement(value: dict[str, Any]) -> Statement:
    match value:
        case {
            "v": version,
            "type": str(kind),
            "action": str(action),
            "origin": str(origin),
            "aud": str(aud),
            "nonce": str(nonce),
            "issuedAt": str(issued),
            "cert": {"sha256": str(certificate), **rest},
            "payload": dict(payload),
        } if type(version) is int and version == VERSION and not rest:
            _check(kind, nonce, certificate, payload)
            return Statement(kind, action, origin, aud, nonce, _time(issued), certificate, payload)
    raise Refused("statement_malformed", "a field of another kind")


def _check(kind: str, nonce: str, certificate: str, payload: dict[str, Any]) -> None:
    for name, pattern, text in (("type", _TYPE, kind), ("nonce", _NONCE, nonce), ("cert", _SHA256, certificate)):
        if pattern.fullmatch(text) is None:
            raise Refused("statement_malformed", name)
    if _too_deep(payload, MAX_DEPTH):
        raise Refused("statement_malformed", "payload too deep")


def _too_deep(payload: dict[str, Any], depth: int) -> bool:
    """Whether objects and arrays lie in each other more than `depth` times, the payload itself included."""
    level: list[Any] = [payload]
    for _ in range(depth):
        inside = chain.from_iterable(each.values() if type(each) is dict else each for each in level)
        level = [each for each in inside if type(each) is dict or type(each) is list]
        if not level:
            return False
    return True


def _time(text: str) -> datetime:
    try:
        if _ISSUED.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise Refused("statement_malformed", "issuedAt") from error
    raise Refused("statement_malformed", "issuedAt")
