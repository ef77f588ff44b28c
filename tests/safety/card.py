"""A card with a real counter, as the machine's host and a second program see it."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from bridge.card.safety.tries import UNKNOWN, Hint, Source, Tries


class Telling(Enum):
    """What a card tells of its counter, and when."""

    COUNTED = auto()
    """Always, as JPKI."""
    HIDDEN_WHILE_VERIFIED = auto()
    """As PIV; and nobody has published its maximum."""
    FLAGS = auto()
    """Words for low, last and locked, as PKCS#11 has them."""
    MAXIMUM_ONLY = auto()
    """Nothing; its profile knows the maximum."""
    NOTHING = auto()
    """Nothing, and its profile neither."""


NUMBERED = (Telling.COUNTED, Telling.HIDDEN_WHILE_VERIFIED)
SILENT = (Telling.MAXIMUM_ONLY, Telling.NOTHING)


class Kind(NamedTuple):
    telling: Telling
    maximum: int
    """At least 3, which is what the guard assumes of a card that tells nothing."""
    always_authenticate: bool


class Verdict(Enum):
    ACCEPTED = auto()
    WRONG = auto()
    LOCKED = auto()


class Card:
    """Its counter outlives everything; its login state ends with a reset, a refusal, or without power."""

    def __init__(self, kind: Kind, pin: bytes) -> None:
        self.kind = kind
        self.left = kind.maximum
        self.verified = False
        self.resets = 0
        self._pin = pin

    def verify(self, pin: bytes) -> Verdict:
        """The counter falls before the PIN is compared. The locking try is still called wrong."""
        self.verified = False
        if self.left == 0:
            return Verdict.LOCKED
        self.left -= 1
        if pin != self._pin:
            return Verdict.WRONG
        self.left = self.kind.maximum
        self.verified = True
        return Verdict.ACCEPTED

    def reset(self) -> None:
        self.verified = False
        self.resets += 1

    @property
    def told(self) -> Tries:
        """What can be read of the counter now without spending a try."""
        match self.kind.telling:
            case Telling.COUNTED:
                return Tries.counted(self.left, self.kind.maximum)
            case Telling.HIDDEN_WHILE_VERIFIED:
                if self.verified:
                    return Tries(Hint.MANY, None, None, Source.CARD)
                return Tries.counted(self.left, None)
            case Telling.FLAGS:
                return Tries(self._flag, None, self.kind.maximum, Source.FLAGS)
            case Telling.MAXIMUM_ONLY:
                return Tries(Hint.UNKNOWN, None, self.kind.maximum, Source.PROFILE)
        return UNKNOWN

    @property
    def _flag(self) -> Hint:
        if self.left == self.kind.maximum:
            return Hint.MANY
        return {0: Hint.LOCKED, 1: Hint.LAST}.get(self.left, Hint.LOW)
