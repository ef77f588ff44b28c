"""Requests of pages in closed shapes: the only reader of raw JSON from the network.

Sizes, depth and characters are limited here (docs/protocol.md, Methods); what leaves this module is typed.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, NoReturn

from bridge.errors import BadRequest, TooLarge, Unsupported
from bridge.page_text import check_length, check_text, seemly
from bridge.requested import LEVELS, SignDocuments, parse_documents, parse_level

MAX_BODY = 256 << 10
"""Bytes of one request. A statement's payload is a form of some thirty fields."""
MAX_ACTION = 100
MAX_DEPTH = 8
MAX_KEY = 100
MAX_INTEGER = 2**53 - 1

_ID = re.compile(r"[0-9a-f]{64}")
_HANDLE = re.compile(r"[A-Za-z0-9_-]{22,64}")
_TYPE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{43,128}")


class Statement(NamedTuple):
    """What the page asks to have signed (docs/protocol.md, What is signed)."""

    type: str
    action: str
    aud: str
    nonce: str
    payload: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        return self._asdict()


class Connect(NamedTuple):
    pass


class Readers(NamedTuple):
    pass


class Diagnose(NamedTuple):
    pass


class Certificates(NamedTuple):
    purpose: str | None
    all: bool


class PinOpen(NamedTuple):
    certificate: str
    card: str
    """One of the two is given; the other is empty."""
    action: str


class PinClose(NamedTuple):
    pin_session: str


class Sign(NamedTuple):
    certificate: str
    pin_session: str | None
    keep_pin_session: bool
    statement: Statement

    @property
    def kind(self) -> str:
        return self.statement.type


Request = Connect | Readers | Diagnose | Certificates | PinOpen | PinClose | Sign | SignDocuments

UPLOAD = "documents"
"""The one method whose body is no JSON, and that is not for the WebSocket."""
METHODS = ("connect", "readers", "certificates", "pin/open", "pin/close", "sign", "diagnose")


class Envelope(NamedTuple):
    """One message on the WebSocket."""

    id: int
    method: str
    params: Any
    cancel: bool


def parse_json(raw: bytes | str) -> Any:
    """JSON with duplicate keys, NaN, non-UTF-8 and deep nesting refused. Raises BadRequest, TooLarge."""
    if len(raw) > MAX_BODY:
        raise TooLarge(f"more than {MAX_BODY} bytes")
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        return _JSON.decode(text)
    except UnicodeDecodeError as error:
        raise BadRequest("the body is not UTF-8") from error
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    except ValueError as error:
        raise BadRequest("the body is not JSON") from error


def parse_envelope(raw: str) -> Envelope:
    """Raises BadRequest for anything but {"id", "method", "params"?} or {"id", "cancel": true}."""
    match parse_json(raw):
        case {"id": int(number), "method": str(method), **rest} if set(rest) <= {"params"} and _plain(number):
            return Envelope(number, method, rest.get("params", {}), cancel=False)
        case {"id": int(number), "cancel": True, **rest} if not rest and _plain(number):
            return Envelope(number, "", {}, cancel=True)
    raise BadRequest("expected id, method and params")


def parse(method: str, params: Any) -> Request:
    """The request in its closed shape. Raises BadRequest, Unsupported."""
    if not isinstance(params, dict):
        raise BadRequest("params must be an object")
    match method:
        case "connect" | "readers" | "diagnose":
            return _without_params(method, params)
        case "certificates":
            return _certificates(params)
        case "pin/open":
            return _pin_open(params)
        case "pin/close":
            return _pin_close(params)
        case "sign":
            return _sign(params)
    raise Unsupported(f"no method {method[:40]!r}")


def _without_params(method: str, params: dict[str, Any]) -> Request:
    if params:
        raise BadRequest(f"{method} takes no params")
    match method:
        case "connect":
            return Connect()
        case "readers":
            return Readers()
    return Diagnose()


def _certificates(params: dict[str, Any]) -> Certificates:
    purpose, everything = params.get("purpose"), params.get("all", False)
    if set(params) - {"purpose", "all"} or purpose not in (None, "sign", "auth") or not isinstance(everything, bool):
        raise BadRequest("certificates takes purpose (sign or auth) and all (boolean)")
    return Certificates(purpose, everything)


def _pin_open(params: dict[str, Any]) -> PinOpen:
    match params:
        case {"certificate": str(certificate), "action": str(action), **rest} if not rest:
            return PinOpen(_certificate_id(certificate), "", seemly("action", action, MAX_ACTION))
        case {"card": str(card), "action": str(action), **rest} if not rest:
            return PinOpen("", _card_id(card), seemly("action", action, MAX_ACTION))
    raise BadRequest("expected exactly action and either certificate or card")


def _pin_close(params: dict[str, Any]) -> PinClose:
    match params:
        case {"pinSession": str(handle), **rest} if not rest:
            return PinClose(_handle(handle))
    raise BadRequest("expected exactly pinSession")


def _sign(params: dict[str, Any]) -> Sign | SignDocuments:
    match params:
        case {"certificate": str(certificate), "statement": dict(statement), **rest} if set(rest) <= _SESSION:
            return Sign(_certificate_id(certificate), *_session(rest), _statement(statement))
        case {
            "certificate": str(certificate),
            "action": str(action),
            "documents": list(documents),
            **rest,
        } if set(rest) <= _SESSION | {"level"}:
            words, parsed = seemly("action", action, MAX_ACTION), parse_documents(documents)
            level = parse_level(rest.get("level", LEVELS[0]), parsed)
            return SignDocuments(_certificate_id(certificate), *_session(rest), words, parsed, level)
    raise BadRequest(
        "expected certificate, either statement or action and documents (perhaps level), "
        "and optionally pinSession and keepPinSession"
    )


_SESSION = frozenset({"pinSession", "keepPinSession"})


def _session(rest: dict[str, Any]) -> tuple[str | None, bool]:
    session, keep = rest.get("pinSession"), rest.get("keepPinSession", False)
    if not isinstance(keep, bool) or not (session is None or isinstance(session, str)):
        raise BadRequest("pinSession must be a string and keepPinSession a boolean")
    return None if session is None else _handle(session), keep


def _statement(raw: dict[str, Any]) -> Statement:
    match raw:
        case {
            "type": str(kind),
            "action": str(action),
            "aud": str(aud),
            "nonce": str(nonce),
            "payload": dict(payload),
            **rest,
        } if not rest:
            if not _TYPE.fullmatch(kind):
                raise BadRequest("statement.type must be a lower-case name")
            if not _NONCE.fullmatch(nonce):
                raise BadRequest("statement.nonce must be base64url of 32 bytes or more")
            _check_payload(payload)
            return Statement(kind, seemly("action", action, MAX_ACTION), seemly("aud", aud, 200), nonce, payload)
    raise BadRequest("a statement has exactly type, action, aud, nonce and payload")


def _check_payload(payload: dict[str, Any]) -> None:
    """The shape piece by piece, the characters in one go: a form holds more than a hundred texts."""
    texts: list[str] = []
    _check_value(payload, 1, texts)
    check_text("the payload", "".join(texts))


def _check_value(value: Any, depth: int, texts: list[str]) -> None:
    """RFC 8785 carries integers exactly below 2^53 only; depth bounds what a window can show."""
    if depth > MAX_DEPTH:
        raise BadRequest(f"payload is nested deeper than {MAX_DEPTH}")
    match value:
        case str():
            texts.append(value)
        case bool() | None:
            return
        case int():
            if abs(value) > MAX_INTEGER:
                raise BadRequest("payload holds an integer beyond 2^53; send it as a string")
        case list():
            for item in value:
                _check_value(item, depth + 1, texts)
        case dict():
            for key, item in value.items():
                check_length("a payload key", key, MAX_KEY)
                texts.append(key)
                _check_value(item, depth + 1, texts)


def _certificate_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise BadRequest("certificate must be the id of a certificate (64 hex digits)")
    return text


def _card_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise BadRequest("card must be the id of a card (64 hex digits)")
    return text


def _handle(text: str) -> str:
    if not _HANDLE.fullmatch(text):
        raise BadRequest("pinSession is not a handle of this bridge")
    return text


def _plain(number: int) -> bool:
    # bool is an int to Python's pattern matching
    return not isinstance(number, bool) and 0 <= number <= MAX_INTEGER


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate key")
    return table


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _no_float(text: str) -> NoReturn:
    # Nothing in the API is a fraction, and RFC 8785 number forms are where canonicalisers disagree.
    raise ValueError(f"{text} is not an integer")


_JSON = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_no_float)
