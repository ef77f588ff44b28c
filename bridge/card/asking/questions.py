"""What the window is asked to show: one JSON object, made from the very bytes that will be signed (pure).

docs/protocol.md, The PIN window's pipe, lists its fields.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bridge.card.asking import reading
from bridge.card.certinfo import CertificateInfo
from bridge.card.port import TokenFacts
from bridge.card.safety.guard import CONFIRMATION, INSISTENCE, Prompt


class Subject(NamedTuple):
    """What every window about one request shows alike."""

    origin: str
    action: str
    language: str
    certificate: CertificateInfo | None
    """None while the card hides it behind the PIN."""
    card: TokenFacts
    content: dict[str, Any] | None
    confirmation: str | None
    characters: str
    unlock: str
    person: bool
    timeout_seconds: int


def statement_content(content: bytes, language: str) -> dict[str, Any]:
    """The readable list of a statement (the bytes that will be signed)."""
    return {"type": "statement", "lines": [line.wire() for line in reading.lines(content, language)]}


def confirm(subject: Subject) -> dict[str, Any]:
    """An open PIN session signs: the person sees what, and says yes or no."""
    nothing = dict.fromkeys(("tries", "notice", "typed", "insistence", "pin"))
    return {**_base(subject, "confirm"), **nothing, "failures": 0}


def ask_pin(subject: Subject, prompt: Prompt) -> dict[str, Any]:
    facts = subject.card
    form = {"min": facts.pin_min, "max": facts.pin_max, "characters": subject.characters}
    return {
        **_base(subject, "pin"),
        "tries": prompt.tries.wire(),
        "failures": prompt.failures,
        "notice": prompt.notice.value if prompt.notice else None,
        "typed": CONFIRMATION[subject.language] if prompt.must_confirm else None,
        "insistence": INSISTENCE[subject.language] if prompt.may_insist else None,
        "pin": None if facts.pin_pad else form,
    }


def _base(subject: Subject, kind: str) -> dict[str, Any]:
    return {
        "v": 1,
        "kind": kind,
        "language": subject.language,
        "origin": subject.origin,
        "action": subject.action,
        "confirmation": subject.confirmation,
        "certificate": None if subject.certificate is None else _certificate(subject.certificate),
        "card": {"reader": subject.card.reader, "label": subject.card.label, "profile": subject.card.profile},
        "choice": None,
        "content": subject.content,
        "unlock": subject.unlock or None,
        "pinPad": subject.card.pin_pad,
        "person": subject.person,
        "timeoutSeconds": subject.timeout_seconds,
    }


def _certificate(info: CertificateInfo) -> dict[str, Any]:
    return {
        "holder": info.holder.name,
        "organization": info.holder.organization,
        "issuer": info.issuer,
        "serial": info.serial,
        "expiry": info.expiry,
        "days": info.days_left,
    }
