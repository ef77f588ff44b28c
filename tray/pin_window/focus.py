"""When keys count: not before the window has had the focus for a moment (pure).

Keys meant for another program do nothing here.
"""

from __future__ import annotations

from collections.abc import Callable

GUARD_SECONDS = 0.7


class FocusGuard:
    """`clock` returns monotonic seconds.

    A key that comes too early starts the wait anew: a person who begins to type at once would otherwise lose the first
    digits only, and a shortened PIN would spend a try.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._opens: float | None = None

    def gained(self) -> None:
        self._opens = self._clock() + GUARD_SECONDS

    def lost(self) -> None:
        self._opens = None

    @property
    def open(self) -> bool:
        return self._opens is not None and self._clock() >= self._opens

    def lets_key_pass(self) -> bool:
        """To be asked for each key."""
        if self.open:
            return True
        if self._opens is not None:
            self.gained()
        return False
