"""Certificates of which the person chooses one, as the question lists them (pure)."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from tray.pin_window.shapes import BadQuestion, member, number, optional, record, text

MAX_DAYS = 4_000_000
"""About as many as the calendar has."""
_MOST = 100


class Purpose(Enum):
    SIGN = "sign"
    AUTH = "auth"
    ANY = "any"


class State(Enum):
    VALID = "valid"
    LOCKED = "locked"
    """The card shows it after its PIN."""
    EXPIRED = "expired"
    NOT_YET_VALID = "notYetValid"
    UNSUITABLE = "unsuitable"


class Candidate(NamedTuple):
    """Names, issuer and expiry are None while the card hides them behind the PIN."""

    holder: str | None
    organization: str | None
    issuer: str | None
    """RFC 4514."""
    expiry: str | None
    """YYYY/MM/DD, Asia/Tokyo."""
    days: int | None
    """Whole days until then."""
    state: State
    reader: str
    card: str

    @property
    def selectable(self) -> bool:
        return self.state in (State.VALID, State.LOCKED)


class Choice(NamedTuple):
    purpose: Purpose
    candidates: tuple[Candidate, ...]


def parse_choice(raw: Any, name: str) -> Choice:
    """Raises BadQuestion: another shape, or not two certificates that can be chosen."""
    whole = record(raw, name, frozenset(Choice._fields))
    rows = whole["candidates"]
    if not isinstance(rows, list) or len(rows) > _MOST:
        raise BadQuestion(f"{name}.candidates is no list of at most {_MOST}")
    choice = Choice(member(Purpose, whole["purpose"], f"{name}.purpose"), tuple(map(_candidate, rows)))
    if sum(each.selectable for each in choice.candidates) < 2:
        raise BadQuestion(f"{name} leaves nothing to choose")
    return choice


def _candidate(raw: Any) -> Candidate:
    fields = record(raw, "candidate", frozenset(Candidate._fields))
    return Candidate(
        optional(text, fields["holder"], "candidate.holder"),
        optional(text, fields["organization"], "candidate.organization"),
        optional(text, fields["issuer"], "candidate.issuer"),
        optional(text, fields["expiry"], "candidate.expiry"),
        optional(lambda value, name: number(value, name, -MAX_DAYS, MAX_DAYS), fields["days"], "candidate.days"),
        member(State, fields["state"], "candidate.state"),
        text(fields["reader"], "candidate.reader"),
        text(fields["card"], "candidate.card"),
    )
