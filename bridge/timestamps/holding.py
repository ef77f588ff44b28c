"""How each format's signature is stamped: over which of its bytes, and where the token goes (pure)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

from bridge.formats import signatures
from bridge.requested import Format
from bridge.timestamps import attribute
from bridge.timestamps.attribute import Around

Signed = dict[str, Any]
"""One signature of the card host's reply (docs/protocol.md, The card host's frames)."""


class Held(NamedTuple):
    """`covered`: what the time-stamp is over. `with_token`: the reply's part anew, with a token (DER) in it."""

    covered: bytes
    with_token: Callable[[bytes], Signed]


def held(format_: Format, signed: Signed) -> Held:
    """Raises attribute.NotOurs, formats.order.Refusal for what our card host does not make."""
    if format_ in (Format.XADES, Format.XADES_DETACHED):
        return _xml(_octets(signed["signature"]))
    if "around" in signed:
        begun, rest = map(_octets, signed["around"])
        return _around(Around(begun, rest))
    return _cms(attribute.split(_octets(signed["signature"])))


def _xml(element: bytes) -> Held:
    return Held(
        signatures.value_octets(element), lambda token: {"signature": _text(signatures.stamped(element, token))}
    )


def _cms(around: Around) -> Held:
    def with_token(token: bytes) -> Signed:
        return {"signature": _text(b"".join(attribute.stamped(around, token)))}

    return Held(attribute.signature_value(around), with_token)


def _around(around: Around) -> Held:
    def with_token(token: bytes) -> Signed:
        return {"around": [_text(part) for part in attribute.stamped(around, token)]}

    return Held(attribute.signature_value(around), with_token)


def _octets(text: str) -> bytes:
    return base64.b64decode(text)


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
