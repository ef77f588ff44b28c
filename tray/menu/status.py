"""What there is to be shown: one frozen Status (pure)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, StrEnum
from typing import NamedTuple


class State(Enum):
    """One picture each; when several hold, the last one in this order is shown."""

    READY = "ready"
    NO_CARD = "no_card"
    NO_READER = "no_reader"
    UNLOCKED = "unlocked"
    NEARLY_LOCKED = "nearly_locked"
    ATTENTION = "attention"


class Trouble(Enum):
    """What State.ATTENTION is about."""

    LOCKED = "locked"
    EXPIRED = "expired"


class Unlocked(NamedTuple):
    """A PIN session: who may sign without a PIN, and until when at most."""

    origin: str
    until: datetime | None
    """In this computer's time zone; None: not known."""


class Signature(NamedTuple):
    """One of the last signatures, from the record."""

    at: datetime
    """In this computer's time zone."""
    origin: str
    action: str
    """The page's words for it."""


class Certificate(NamedTuple):
    holder: str
    organization: str
    """Both may be empty."""
    issuer: str
    serial: str
    expiry: str
    """YYYY/MM/DD, the last day in Tokyo."""
    days_left: int
    """0 on that day, negative after it."""


class Card(NamedTuple):
    """A card in a reader, as it was last read; one that has several PINs comes once for each."""

    label: str
    tries: int | None
    """None: the card tells no number."""
    hidden: bool = False
    """There is a certificate that it shows only after the PIN."""
    certificates: tuple[Certificate, ...] = ()


class Language(StrEnum):
    AUTO = "auto"
    JA = "ja"
    EN = "en"


class Switch(NamedTuple):
    """A setting that the menu shows."""

    value: str | bool
    fixed: bool = False
    """Decided by an administrator: shown, and not to be changed."""


class Status(NamedTuple):
    state: State
    language: str = "ja"
    """ja | en: of everything that is shown."""
    trouble: Trouble | None = None
    """With State.ATTENTION."""
    tries: int | None = None
    """With State.NEARLY_LOCKED: what is left, where the card tells a number."""
    unlocked: tuple[Unlocked, ...] = ()
    present: bool = False
    """A card is in a reader."""
    cards: tuple[Card, ...] = ()
    """What is known of the cards that are present; empty until something was read."""
    unread: str = ""
    """Why the last reading that the person asked for told nothing, in one sentence; empty: it did, or none was."""
    granted: tuple[str, ...] = ()
    """Origins that the person allowed and can take back."""
    signed: tuple[Signature, ...] = ()
    """The newest first."""
    speaks: Switch = Switch(Language.AUTO)
    """The setting behind `language`."""
    tells_cards: Switch = Switch(value=False)
    """Whether cards that come and go are notified."""
