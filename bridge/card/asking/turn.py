"""Whose turn it is while a request is under way: the daemon's deadline counts card time only (stdlib only)."""

from __future__ import annotations

from enum import StrEnum


class Turn(StrEnum):
    CARD = "card"
    PERSON = "person"
    """Reads and types in the window, for as long as it takes."""
    PAD = "pad"
    """Types on the reader's keys while the library waits, for as long as the reader allows."""
