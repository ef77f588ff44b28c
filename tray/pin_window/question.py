"""The question on stdin: one JSON line, parsed strictly into facts. Nothing in it is secret.

Every key is required and no other is known; text that a window cannot show is refused here rather than cut there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from bridge.card.safety.tries import Tries

MAX_BYTES = 1 << 20
"""Size of the line, bytes, its end included."""
_TEXT = 4096
_ROWS = 10_000
_DEPTH = 8
_PIN = 64
"""Bytes of the longest PIN that the answer carries; a token may say 0 to 2³²-1 where it sets no bounds."""
_ULONG = 0xFFFFFFFF


class BadQuestion(ValueError):
    """The line is not a question; the text names the place and never a value."""


class Kind(Enum):
    PIN = "pin"
    CONFIRM = "confirm"


class Notice(Enum):
    """Why the person is asked again."""

    PIN_WRONG = "pin_wrong"
    SAME_PIN = "same_pin"
    TRIES_CHANGED = "tries_changed"
    PIN_FORMAT = "pin_format"


class Characters(Enum):
    """What a PIN of this card may consist of."""

    DIGITS = "digits"
    UPPER = "alphanumeric-upper"
    ALPHANUMERIC = "alphanumeric"
    ANY = "any"


class PinRule(NamedTuple):
    min: int
    max: int
    """Length in bytes."""
    characters: Characters


class Certificate(NamedTuple):
    holder: str | None
    organization: str | None
    issuer: str
    """RFC 4514."""
    serial: str
    """Decimal."""
    expiry: str
    """YYYY/MM/DD, Asia/Tokyo."""


class Card(NamedTuple):
    reader: str
    label: str
    profile: str


class Line(NamedTuple):
    """One line of a statement's readable list; `value` is None for a heading."""

    depth: int
    label: str
    value: str | None


class Document(NamedTuple):
    name: str
    size: int
    """Bytes."""
    sha256: str
    """64 hexadecimal digits."""


class Question(NamedTuple):
    kind: Kind
    language: str
    """ja or en."""
    origin: str
    """As the browser reported it."""
    action: str
    """The page's own words."""
    confirmation: str | None
    """確認番号, 8 digits."""
    certificate: Certificate | None
    card: Card | None
    content: tuple[Line, ...] | tuple[Document, ...]
    tries: Tries | None
    failures: int
    """Refused tries on this PC since the last success."""
    notice: Notice | None
    typed: str | None
    """Word to be typed before OK works."""
    insistence: str | None
    """Word that may be typed to have the same PIN sent once more."""
    unlock: str | None
    pin: PinRule | None
    """None: no field (a consent, or a reader with its own keys)."""
    pin_pad: bool
    """The PIN is typed on the reader after OK; never true of a consent."""
    person: bool
    """Whether 担当者 is shown."""
    timeout: int
    """Seconds."""


_KEYS = frozenset(Question._fields) - {"pin_pad", "timeout"} | {"v", "pinPad", "timeoutSeconds"}


def parse(line: bytes) -> Question:
    """Raises BadQuestion for anything but exactly one question."""
    if len(line) > MAX_BYTES:
        raise BadQuestion(f"the question is over {MAX_BYTES} bytes")
    try:
        raw = json.loads(line.decode())
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadQuestion("the question is not one line of JSON in UTF-8") from error
    question = _question(_object(raw, "question", _KEYS))
    _refuse_contradictions(question)
    return question


def _question(raw: dict[str, Any]) -> Question:
    if raw["v"] != 1:
        raise BadQuestion("v is not 1")
    return Question(
        kind=_choice(Kind, raw["kind"], "kind"),
        language=_language(raw["language"]),
        origin=_text(raw["origin"], "origin"),
        action=_text(raw["action"], "action"),
        confirmation=_confirmation(raw["confirmation"]),
        certificate=_optional(_certificate, raw["certificate"], "certificate"),
        card=_optional(_card, raw["card"], "card"),
        content=_optional(_content, raw["content"], "content") or (),
        tries=_optional(_tries, raw["tries"], "tries"),
        failures=_number(raw["failures"], "failures", 0, 1_000_000),
        notice=_optional(lambda value, name: _choice(Notice, value, name), raw["notice"], "notice"),
        typed=_optional(_word, raw["typed"], "typed"),
        insistence=_optional(_word, raw["insistence"], "insistence"),
        unlock=_optional(_text, raw["unlock"], "unlock"),
        pin=_optional(_pin_rule, raw["pin"], "pin"),
        pin_pad=_flag(raw["pinPad"], "pinPad") and raw["kind"] == Kind.PIN.value,
        person=_flag(raw["person"], "person"),
        timeout=_number(raw["timeoutSeconds"], "timeoutSeconds", 1, 3600),
    )


def _refuse_contradictions(question: Question) -> None:
    asks_here = question.kind is Kind.PIN and not question.pin_pad
    if asks_here != (question.pin is not None):
        raise BadQuestion("pin is given exactly when a PIN is typed here")
    if question.kind is Kind.CONFIRM:
        return
    if question.tries is None:
        raise BadQuestion("a PIN is not asked for without tries")
    if question.tries.locked:
        raise BadQuestion("a locked card opens no window")
    if question.insistence is not None and (question.notice is not Notice.SAME_PIN or question.pin_pad):
        raise BadQuestion("insistence is for a PIN that is the same as before")


def _certificate(raw: Any, name: str) -> Certificate:
    fields = _object(raw, name, frozenset(Certificate._fields))
    return Certificate(
        _optional(_text, fields["holder"], "certificate.holder"),
        _optional(_text, fields["organization"], "certificate.organization"),
        _text(fields["issuer"], "certificate.issuer"),
        _text(fields["serial"], "certificate.serial"),
        _text(fields["expiry"], "certificate.expiry"),
    )


def _card(raw: Any, name: str) -> Card:
    fields = _object(raw, name, frozenset(Card._fields))
    return Card(*(_text(fields[field], f"card.{field}") for field in Card._fields))


def _content(raw: Any, name: str) -> tuple[Line, ...] | tuple[Document, ...]:
    match raw:
        case {"type": "statement", "lines": list(rows), **rest} if not rest and len(rows) <= _ROWS:
            return tuple(_line(row) for row in rows)
        case {"type": "documents", "documents": list(rows), **rest} if not rest and len(rows) <= _ROWS:
            return tuple(_document(row) for row in rows)
    raise BadQuestion(f"{name} is neither a statement nor documents")


def _line(raw: Any) -> Line:
    fields = _object(raw, "line", frozenset(Line._fields))
    depth = _number(fields["depth"], "line.depth", 0, 2 * _DEPTH)
    return Line(depth, _text(fields["label"], "line.label"), _optional(_long_text, fields["value"], "line.value"))


def _document(raw: Any) -> Document:
    fields = _object(raw, "document", frozenset(Document._fields))
    digest = _text(fields["sha256"], "document.sha256")
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise BadQuestion("document.sha256 is not 64 hexadecimal digits")
    return Document(
        _text(fields["name"], "document.name"), _number(fields["size"], "document.size", 0, 1 << 53), digest
    )


def _tries(raw: Any, name: str) -> Tries:
    fields = _object(raw, name, frozenset(Tries._fields))
    for field in ("count", "max"):
        _optional(lambda value, place: _number(value, place, 0, 1000), fields[field], f"tries.{field}")
    try:
        return Tries.from_wire(fields)
    except (ValueError, KeyError, TypeError) as error:
        raise BadQuestion("tries.hint or tries.source is unknown") from error


def _pin_rule(raw: Any, name: str) -> PinRule:
    fields = _object(raw, name, frozenset(PinRule._fields))
    shortest = _number(fields["min"], "pin.min", 0, _PIN)
    longest = _number(fields["max"], "pin.max", shortest, _ULONG)
    return PinRule(
        max(shortest, 1), min(max(longest, 1), _PIN), _choice(Characters, fields["characters"], "pin.characters")
    )


_Choice = TypeVar("_Choice", bound=Enum)
_Value = TypeVar("_Value")


def _object(raw: Any, name: str, keys: frozenset[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise BadQuestion(f"{name} is not an object")
    if raw.keys() != keys:
        raise BadQuestion(f"{name} lacks or does not know: {', '.join(sorted(keys ^ raw.keys()))[:200]}")
    return raw


def _optional(parser: Callable[[Any, str], _Value], raw: Any, name: str) -> _Value | None:
    return None if raw is None else parser(raw, name)


def _choice(kinds: type[_Choice], raw: Any, name: str) -> _Choice:
    try:
        return kinds(raw)
    except ValueError as error:
        raise BadQuestion(f"{name} is none of: {', '.join(str(kind.value) for kind in kinds)}") from error


def _text(raw: Any, name: str, limit: int = _TEXT) -> str:
    if not isinstance(raw, str) or len(raw) > limit:
        raise BadQuestion(f"{name} is not text of at most {limit} characters")
    return raw


def _long_text(raw: Any, name: str) -> str:
    return _text(raw, name, MAX_BYTES)


def _word(raw: Any, name: str) -> str:
    if not _text(raw, name, 40).strip():
        raise BadQuestion(f"{name} is an empty word")
    return str(raw)


def _number(raw: Any, name: str, least: int, most: int) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not least <= raw <= most:
        raise BadQuestion(f"{name} is not a number from {least} to {most}")
    return raw


def _flag(raw: Any, name: str) -> bool:
    if not isinstance(raw, bool):
        raise BadQuestion(f"{name} is not true or false")
    return raw


def _language(raw: Any) -> str:
    if raw not in ("ja", "en"):
        raise BadQuestion("language is neither ja nor en")
    return str(raw)


def _confirmation(raw: Any) -> str | None:
    if raw is not None and not (isinstance(raw, str) and len(raw) == 8 and raw.isascii() and raw.isdigit()):
        raise BadQuestion("confirmation is not 8 digits")
    return raw
