"""The question on stdin: one JSON line, parsed strictly into facts. Nothing in it is secret.

Every key is required and no other is known; text that a window cannot show is refused here rather than cut there.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, NamedTuple

from bridge.card.safety.tries import Tries
from tray.pin_window.choice import MAX_DAYS, Choice, parse_choice
from tray.pin_window.shapes import BadQuestion, flag, member, number, optional, record, text

MAX_BYTES = 1 << 20
"""Size of the line, bytes, its end included."""
_ROWS = 10_000
_DEPTH = 8
_PIN = 64
"""Bytes of the longest PIN that the answer carries; a token may say 0 to 2³²-1 where it sets no bounds."""
_ULONG = 0xFFFFFFFF
_HASHES = {"SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
"""Hexadecimal digits of each."""


class Kind(Enum):
    PIN = "pin"
    CONFIRM = "confirm"
    CHOOSE = "choose"


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
    days: int
    """Whole days until then; negative after it."""


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
    size: int | None
    """Bytes; None: nothing but a hash is there."""
    hash: str
    """SHA-256, SHA-384 or SHA-512: the last two only where nothing but a hash is there."""
    digest: str
    """Hexadecimal."""
    raw: bool
    """A bare signature value: what it is for cannot be seen here."""


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
    choice: Choice | None
    """Certificates of which one is chosen; exactly for that kind."""
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
    question = _question(record(raw, "question", _KEYS))
    _refuse_contradictions(question)
    return question


def _question(raw: dict[str, Any]) -> Question:
    if raw["v"] != 1:
        raise BadQuestion("v is not 1")
    return Question(
        kind=member(Kind, raw["kind"], "kind"),
        language=_language(raw["language"]),
        origin=text(raw["origin"], "origin"),
        action=text(raw["action"], "action"),
        confirmation=_confirmation(raw["confirmation"]),
        certificate=optional(_certificate, raw["certificate"], "certificate"),
        card=optional(_card, raw["card"], "card"),
        content=optional(_content, raw["content"], "content") or (),
        choice=optional(parse_choice, raw["choice"], "choice"),
        tries=optional(_tries, raw["tries"], "tries"),
        failures=number(raw["failures"], "failures", 0, 1_000_000),
        notice=optional(lambda value, name: member(Notice, value, name), raw["notice"], "notice"),
        typed=optional(_word, raw["typed"], "typed"),
        insistence=optional(_word, raw["insistence"], "insistence"),
        unlock=optional(text, raw["unlock"], "unlock"),
        pin=optional(_pin_rule, raw["pin"], "pin"),
        pin_pad=flag(raw["pinPad"], "pinPad") and raw["kind"] == Kind.PIN.value,
        person=flag(raw["person"], "person"),
        timeout=number(raw["timeoutSeconds"], "timeoutSeconds", 1, 3600),
    )


def _refuse_contradictions(question: Question) -> None:
    asks_here = question.kind is Kind.PIN and not question.pin_pad
    if asks_here != (question.pin is not None):
        raise BadQuestion("pin is given exactly when a PIN is typed here")
    if (question.kind is Kind.CHOOSE) != (question.choice is not None):
        raise BadQuestion("choice is given exactly when a certificate is chosen")
    if question.kind is not Kind.PIN:
        return
    if question.tries is None:
        raise BadQuestion("a PIN is not asked for without tries")
    if question.tries.locked:
        raise BadQuestion("a locked card opens no window")
    if question.insistence is not None and (question.notice is not Notice.SAME_PIN or question.pin_pad):
        raise BadQuestion("insistence is for a PIN that is the same as before")


def _certificate(raw: Any, name: str) -> Certificate:
    fields = record(raw, name, frozenset(Certificate._fields))
    return Certificate(
        optional(text, fields["holder"], "certificate.holder"),
        optional(text, fields["organization"], "certificate.organization"),
        text(fields["issuer"], "certificate.issuer"),
        text(fields["serial"], "certificate.serial"),
        text(fields["expiry"], "certificate.expiry"),
        number(fields["days"], "certificate.days", -MAX_DAYS, MAX_DAYS),
    )


def _card(raw: Any, name: str) -> Card:
    fields = record(raw, name, frozenset(Card._fields))
    return Card(*(text(fields[field], f"card.{field}") for field in Card._fields))


def _content(raw: Any, name: str) -> tuple[Line, ...] | tuple[Document, ...]:
    match raw:
        case {"type": "statement", "lines": list(rows), **rest} if not rest and len(rows) <= _ROWS:
            return tuple(_line(row) for row in rows)
        case {"type": "documents", "documents": list(rows), **rest} if not rest and len(rows) <= _ROWS:
            return tuple(_document(row) for row in rows)
    raise BadQuestion(f"{name} is neither a statement nor documents")


def _line(raw: Any) -> Line:
    fields = record(raw, "line", frozenset(Line._fields))
    depth = number(fields["depth"], "line.depth", 0, 2 * _DEPTH)
    return Line(depth, text(fields["label"], "line.label"), optional(_long_text, fields["value"], "line.value"))


def _document(raw: Any) -> Document:
    fields = record(raw, "document", frozenset(Document._fields))
    used, digest = text(fields["hash"], "document.hash"), text(fields["digest"], "document.digest")
    if len(digest) != _HASHES.get(used) or not set(digest) <= set("0123456789abcdef"):
        raise BadQuestion("document.digest is not as many hexadecimal digits as its hash has")
    name, raw_value = text(fields["name"], "document.name"), flag(fields["raw"], "document.raw")
    return Document(name, optional(_size, fields["size"], "document.size"), used, digest, raw_value)


def _size(raw: Any, name: str) -> int:
    return number(raw, name, 0, 1 << 53)


def _tries(raw: Any, name: str) -> Tries:
    fields = record(raw, name, frozenset(Tries._fields))
    for field in ("count", "max"):
        optional(lambda value, place: number(value, place, 0, 1000), fields[field], f"tries.{field}")
    try:
        return Tries.from_wire(fields)
    except (ValueError, KeyError, TypeError) as error:
        raise BadQuestion("tries.hint or tries.source is unknown") from error


def _pin_rule(raw: Any, name: str) -> PinRule:
    fields = record(raw, name, frozenset(PinRule._fields))
    shortest = number(fields["min"], "pin.min", 0, _PIN)
    longest = number(fields["max"], "pin.max", shortest, _ULONG)
    return PinRule(
        max(shortest, 1), min(max(longest, 1), _PIN), member(Characters, fields["characters"], "pin.characters")
    )


def _long_text(raw: Any, name: str) -> str:
    return text(raw, name, MAX_BYTES)


def _word(raw: Any, name: str) -> str:
    if not text(raw, name, 40).strip():
        raise BadQuestion(f"{name} is an empty word")
    return str(raw)


def _language(raw: Any) -> str:
    if raw not in ("ja", "en"):
        raise BadQuestion("language is neither ja nor en")
    return str(raw)


def _confirmation(raw: Any) -> str | None:
    if raw is not None and not (isinstance(raw, str) and len(raw) == 8 and raw.isascii() and raw.isdigit()):
        raise BadQuestion("confirmation is not 8 digits")
    return raw
