"""Which certificates a person may choose from, and the question that lets one be chosen (pure)."""

from __future__ import annotations

from typing import Any, NamedTuple

from bridge.card.asking.answer import Answer
from bridge.card.cards import Found, Locked, Present
from bridge.card.certinfo import CertificateInfo
from bridge.card.profiles.profile import Profile
from bridge.errors import Internal, NoCertificate


class Option(NamedTuple):
    key: str
    """The certificate's id; of one that its card hides behind the PIN, the name of that PIN."""
    info: CertificateInfo | None
    """None: hidden."""
    reader: str
    card: str

    @property
    def state(self) -> str:
        return "locked" if self.info is None else self.info.state

    @property
    def selectable(self) -> bool:
        return self.state in ("valid", "locked")


def options(present: Present, purpose: str | None, named: dict[str, Profile], language: str) -> list[Option]:
    """What can be chosen for a purpose (sign, auth; None: either) first, then what cannot. `named`: by profile name.

    Raises NoCertificate where less than two can be chosen.
    """
    open_ones = [found for found in present.found if not found.token.facts.identified_by]
    found = [_open(each) for each in open_ones if purpose in (None, each.info.purpose)]
    found += [_hidden(each, named, language) for each in present.locked if purpose in (None, "sign")]
    if sum(option.selectable for option in found) < 2:
        raise NoCertificate("there is nothing to choose from any more")
    return sorted(found, key=lambda option: not option.selectable)


def question(found: list[Option], purpose: str | None, origin: str, language: str, seconds: int) -> dict[str, Any]:
    """docs/protocol.md, The PIN window's pipe."""
    nothing = ("certificate", "card", "confirmation", "content", "unlock")
    no_pin = ("tries", "notice", "typed", "insistence", "pin")
    return {
        "v": 1,
        "kind": "choose",
        "language": language,
        "origin": origin,
        "action": "",
        **dict.fromkeys((*nothing, *no_pin)),
        "choice": {"purpose": purpose or "any", "candidates": [_candidate(option) for option in found]},
        "pinPad": False,
        "person": False,
        "failures": 0,
        "timeoutSeconds": seconds,
    }


def chosen(found: list[Option], answer: Answer) -> Option:
    """Raises Internal for an answer that names none of those that could be chosen."""
    if answer.chosen is None or not 0 <= answer.chosen < len(found) or not found[answer.chosen].selectable:
        raise Internal("the window's answer names no certificate that can be chosen")
    return found[answer.chosen]


def _open(found: Found) -> Option:
    facts = found.token.facts
    return Option(found.info.id, found.info, facts.reader, facts.label)


def _hidden(locked: Locked, named: dict[str, Profile], language: str) -> Option:
    """A card without a holder's name has at least a name that people know it by."""
    facts = locked.token.facts
    return Option(locked.card, None, facts.reader, named[facts.profile].label.said(language))


def _candidate(option: Option) -> dict[str, Any]:
    info = option.info
    return {
        "holder": info and info.holder.name,
        "organization": info and info.holder.organization,
        "issuer": info and info.issuer,
        "expiry": info and info.expiry,
        "days": info and info.days_left,
        "state": option.state,
        "reader": option.reader,
        "card": option.card,
    }
