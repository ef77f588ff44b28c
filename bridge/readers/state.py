"""What is known of a card reader without talking to its card."""

from __future__ import annotations

from typing import NamedTuple


class ReaderState(NamedTuple):
    name: str
    card_present: bool
    in_use: bool
    """Some program holds a connection to the card."""
    atr: bytes
    """Empty without a card."""
    events: int
    """Insertions and removals since the service knows the reader; wraps at 2^16."""


Snapshot = tuple[ReaderState, ...]
