"""Colours of the boxes that say something: the same in every window."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Tone(NamedTuple):
    """Text, ground and edge of a coloured box; contrast of text on ground is at least 7:1 (WCAG 2.2 §1.4.6)."""

    text: str
    ground: str
    edge: str


class Mood(Enum):
    """How urgent a box is: (light, dark)."""

    NOTE = (Tone("#23405e", "#edf4fb", "#b9d0e6"), Tone("#cfe3f7", "#1d2b3a", "#3d5a78"))
    CAUTION = (Tone("#533c00", "#fff6da", "#e5c766"), Tone("#ffe4a0", "#352a0c", "#7d6520"))
    DANGER = (Tone("#7d1408", "#fff0ed", "#e0988d"), Tone("#ffc9c0", "#3b1712", "#93493f"))
