"""What the icon shows of a running daemon: its facts, made one Status. Asks no card."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from bridge.audit.chain import Line
from bridge.problems import texts
from bridge.readers.known import KnownCard, KnownCertificate
from tray.daemon import Daemon
from tray.menu import Card, Certificate, Signature, State, Status, Switch, Trouble, Unlocked

_TOKYO = timezone(timedelta(hours=9))
"""A certificate's last day is told, and counted to, in Japan's time."""


def status(daemon: Daemon, now: datetime) -> Status:
    """The one picture that the icon shows, and what its menu offers. `now`: aware."""
    day, present = today(now), any(each.card_present for each in daemon.readers)
    spoken, unread, bridge = daemon.preferences.language, daemon.unread, daemon.preferences.now
    state = _state(daemon, day, present=present)
    return Status(
        state=state,
        language=spoken,
        trouble=_trouble(daemon.cards, day) if state is State.ATTENTION else None,
        tries=_least(daemon.cards) if state is State.NEARLY_LOCKED else None,
        unlocked=tuple(Unlocked(each.origin, each.until.astimezone()) for each in daemon.unlocked),
        present=present,
        cards=tuple(_card(each, day) for each in daemon.cards),
        unread=texts()[unread][spoken]["title"] if unread else "",
        granted=daemon.granted,
        signed=tuple(map(_signature, daemon.signatures.lines)),
        speaks=Switch(bridge.language, daemon.preferences.fixed("bridge.language")),
        tells_cards=Switch(bridge.card_notices, daemon.preferences.fixed("bridge.card_notices")),
    )


def today(now: datetime) -> date:
    """In Tokyo. `now`: aware."""
    return now.astimezone(_TOKYO).date()


def days_left(expiry: str, day: date) -> int:
    """Until a last day (YYYY/MM/DD): 0 on the day itself, negative after it."""
    year, month, last = map(int, expiry.split("/"))
    return (date(year, month, last) - day).days


def _state(daemon: Daemon, day: date, *, present: bool) -> State:
    if _trouble(daemon.cards, day) is not None:
        return State.ATTENTION
    if any(card.nearly_locked for card in daemon.cards):
        return State.NEARLY_LOCKED
    if daemon.unlocked:
        return State.UNLOCKED
    if not daemon.readers:
        return State.NO_READER
    return State.READY if present else State.NO_CARD


def _trouble(cards: tuple[KnownCard, ...], day: date) -> Trouble | None:
    """What keeps a card that is in a reader from signing."""
    if any(card.hint == "locked" for card in cards):
        return Trouble.LOCKED
    found = [certificate for card in cards for certificate in card.certificates]
    over = [certificate for certificate in found if days_left(certificate.expiry, day) < 0]
    return Trouble.EXPIRED if over and over == found else None


def _least(cards: tuple[KnownCard, ...]) -> int | None:
    return min((card.left for card in cards if card.nearly_locked and card.left is not None), default=None)


def _card(known: KnownCard, day: date) -> Card:
    certificates = tuple(_certificate(each, day) for each in known.certificates)
    return Card(known.label, known.left, known.hidden, certificates)


def _certificate(known: KnownCertificate, day: date) -> Certificate:
    left = days_left(known.expiry, day)
    return Certificate(known.holder, known.organization, known.issuer, known.serial, known.expiry, left)


def _signature(line: Line) -> Signature:
    action = line.facts.get("action") or line.event
    return Signature(datetime.fromisoformat(line.at).astimezone(), str(line.facts["origin"]), str(action))
