"""What the process is given and what it may answer: closed forms, the same at both ends of its pipe.

It is a stranger's file that it reads, so of an answer the form alone is believed before it is judged.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

from portal.refusals import Refused
from portal.verification.opening import Content, Kind, Opened, Read, Within
from portal.verification.time_stamp import Stamp

MAX_ANSWER = 8 << 20
_MAX_HEADER = 256
_MAX_TEXT = 200
CODES = frozenset(
    {
        *("cms_size", "cms_malformed", "pdf_malformed", "pdf_unsigned", "pdf_changed", "xml_malformed", "xml_unsigned"),
        *("several_signers", "unsigned_parts", "algorithm_refused", "key_refused", "attribute_missing", "content_type"),
        *("attribute_repeated", "signer_missing", "signing_certificate_mismatch", "certificate_malformed"),
        *("document_missing", "document_differs", "digest_mismatch", "signature_invalid"),
    }
)
"""What it may refuse by: those of xml.open_file and pdf.open_file."""


class Order(NamedTuple):
    """A file, the document that was chosen beside it, and the time."""

    kind: Kind
    now: datetime
    file: bytes
    beside: bytes | None

    def header(self) -> bytes:
        sizes = {"file": len(self.file), "beside": None if self.beside is None else len(self.beside)}
        return json.dumps({"kind": self.kind, "now": self.now.isoformat(), **sizes}).encode() + b"\n"


def order(stream: BinaryIO) -> Order:
    """Raises ValueError for anything but a header and what it announces."""
    match json.loads(stream.readline(_MAX_HEADER)):
        case {"kind": str(kind), "now": str(now), "file": int(size), "beside": int() | None as more}:
            file, beside = stream.read(size), None if more is None else stream.read(more)
            if (len(file), len(beside or b"")) == (size, more or 0) and not stream.read(1):
                return Order(Kind(kind), datetime.fromisoformat(now), file, beside)
    raise ValueError("no order of the portal's")


def answer(found: tuple[Read, ...]) -> bytes:
    return json.dumps({"signatures": [_signature(each) for each in found]}, separators=(",", ":")).encode()


def refusal(refused: Refused) -> bytes:
    return json.dumps({"refused": _refused(refused)}).encode()


def _signature(read: Read) -> dict[str, Any]:
    field, opened = read.field[:_MAX_TEXT], read.opened
    if isinstance(opened, Refused):
        return {"field": field, "refused": _refused(opened)}
    stamp, content = opened.stamp, opened.content
    return {
        "field": field,
        "signer": _text(opened.signer),
        "certificates": [_text(each) for each in opened.certificates],
        "signedAt": opened.signed_at and opened.signed_at.isoformat(),
        "type": content.type[:_MAX_TEXT] if isinstance(content, Content) and content.detached else None,
        "added": isinstance(content, Within) and content.added,
        "stamp": stamp and [*_dated(stamp), [_text(each) for each in (stamp.signer, *stamp.beside)]],
    }


def _dated(stamp: Stamp) -> tuple[str, str, str]:
    return stamp.time.isoformat(), str(stamp.serial), stamp.policy


def _refused(refused: Refused) -> list[str]:
    return [refused.code, refused.fact[:_MAX_TEXT]]


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def parse(said: bytes, beside: bytes | None) -> tuple[Read, ...]:
    """What a process answered; `beside` as it was given. Raises Refused as it refused, ValueError for another form."""
    match json.loads(said):
        case {"refused": [str(code), str(fact)], **rest} if not rest and code in CODES:
            raise Refused(code, fact[:_MAX_TEXT])
        case {"signatures": [_, *_] as found, **rest} if not rest:
            return tuple(_read(each, beside) for each in found)
    raise ValueError("no answer")


def _read(wire: Any, beside: bytes | None) -> Read:
    match wire:
        case {"field": str(field), "refused": [str(code), str(fact)], **rest} if not rest and code in CODES:
            return Read(_shown(field), Refused(code, fact[:_MAX_TEXT]))
        case {
            "field": str(field),
            "signer": str(signer),
            "certificates": list(certificates),
            "signedAt": str() | None as when,
            "type": str() | None as type_,
            "added": bool(added),
            "stamp": list() | None as stamp,
            **rest,
        } if not rest:
            content = Within(added) if type_ is None else Content(_given(beside), _shown(type_), detached=True)
            sent = tuple(_octets(each) for each in certificates)
            moment = None if when is None else _moment(when)
            opened = Opened(_octets(signer), sent, moment, content, None if stamp is None else _stamp(stamp))
            return Read(_shown(field), opened)
    raise ValueError("no signature")


def _stamp(wire: list[Any]) -> Stamp:
    match wire:
        case [str(time), str(serial), str(policy), [signer, *beside]] if _is_number(serial):
            others = tuple(_octets(each) for each in beside)
            return Stamp(_moment(time), int(serial), _shown(policy), _octets(signer), others)
    raise ValueError("no time-stamp")


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MAX_TEXT


def _given(beside: bytes | None) -> bytes:
    if beside is None:
        raise ValueError("a document that nobody chose")
    return beside


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time of no zone")
    return moment


def _shown(text: str) -> str:
    if len(text) > _MAX_TEXT or not text.isprintable():
        raise ValueError("a text that is not to be shown")
    return text


def _octets(text: object) -> bytes:
    match text:
        case str():
            return base64.b64decode(text, validate=True)
    raise ValueError("octets that are none")
