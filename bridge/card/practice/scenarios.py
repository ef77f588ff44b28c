"""Practice cards that something is wrong with, for developers of portals: `card-bridge practice --scenario NAME`.

Half of them are cards whose state is the fault; with the others something happens when they are to sign. What the page
then gets is what a real card would have caused: no scenario is answered anywhere but by the card.
"""

from __future__ import annotations

import os
import time
from enum import StrEnum
from pathlib import Path

from bridge.card.practice import slot
from bridge.errors import CardFailed, CardRemoved

SLOW_SECONDS = 3.0
STUCK_SECONDS = 660.0
"""Longer than any deadline that the settings allow (`card.host_deadline_seconds`)."""
_CRASH = 70


class Scenario(StrEnum):
    """The value is the command's word, and the card's name in the reader."""

    WRONG_PIN = "wrong-pin"
    LAST_TRY = "last-try"
    LOCKED = "locked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    UNSUITABLE = "unsuitable"
    REMOVED = "removed"
    FAILED = "failed"
    SLOW = "slow"
    STUCK = "stuck"
    CRASHED = "crashed"


def befall(directory: Path, card: str) -> None:
    """What happens to this card while it is to sign. Raises CardRemoved, CardFailed; ends the process."""
    match card:
        case Scenario.REMOVED:
            slot.remove(directory)
            raise CardRemoved("scenario: taken out while it was to sign")
        case Scenario.FAILED:
            raise CardFailed("scenario: the card's operation failed")
        case Scenario.SLOW:
            time.sleep(SLOW_SECONDS)
        case Scenario.STUCK:
            time.sleep(STUCK_SECONDS)
        case Scenario.CRASHED:
            os._exit(_CRASH)  # as a vendor's library that crashes: nothing is cleaned up
