"""How far a request is that signs several documents."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[int, int, int], None]
"""Told how many are signed, how many there are, and how many of them are done with their time-stamps."""


class Progress:
    """Called by the card host's client with the number of signatures made and wanted; tells a page what is new."""

    def __init__(self, tell: Tell = lambda done, total, stamped: None) -> None:
        self._tell = tell
        self.made = 0
        """Signatures that the card has made, whether or not they leave."""

    def __call__(self, done: int, total: int) -> None:
        if done > self.made:
            self.made = done
            self._tell(done, total, 0)

    def stamped(self, done: int, total: int) -> None:
        """All are signed, and so many have the time-stamps that they should have."""
        self._tell(total, total, done)
