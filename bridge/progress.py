"""How far a request is that signs several documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Counts(NamedTuple):
    """Of the documents of one request."""

    total: int
    prepared: int = 0
    """Read by a worker and made ready; 0 where none of them needs that."""
    done: int = 0
    """Signed by the card."""
    stamped: int = 0
    """Done with their time-stamps, where they should have such."""
    finished: int = 0
    """Their signatures put into them, where that is their place."""


class Progress:
    """Called by the card host's client with the number of signatures made and wanted; tells a page what is new."""

    def __init__(self, tell: Callable[[Counts], None] = lambda counts: None) -> None:
        self._tell = tell
        self._counts = Counts(0)

    @property
    def made(self) -> int:
        """Signatures that the card has made, whether or not they leave."""
        return self._counts.done

    def __call__(self, done: int, total: int) -> None:
        if done > self.made:
            self._now(total=total, done=done)

    def prepared(self, done: int, total: int) -> None:
        self._now(total=total, prepared=done)

    def stamped(self, done: int, total: int) -> None:
        """All are signed, and so many have the time-stamps that they should have."""
        self._now(total=total, done=total, stamped=done)

    def finished(self, done: int, total: int) -> None:
        """All are signed and stamped."""
        self._now(total=total, done=total, finished=done)

    def _now(self, **counts: int) -> None:
        self._counts = self._counts._replace(**counts)
        self._tell(self._counts)
