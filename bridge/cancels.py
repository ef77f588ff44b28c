"""Windows that a person cancelled: an origin that brings up one after another has to wait (invariant 10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bridge.errors import ConsentCancelled, PinCancelled, RateLimited

ALLOWED = 3
SECONDS = 60.0


class Cancels:
    """By origin, in the last minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: monotonic seconds."""
        self._clock = clock
        self._at: dict[str, list[float]] = {}

    def require_few(self, origin: str) -> None:
        """Raises RateLimited."""
        since = self._clock() - SECONDS
        recent = self._at[origin] = [at for at in self._at.pop(origin, ()) if at > since]
        if len(recent) >= ALLOWED:
            raise RateLimited("cancelled too often")
        if not recent:
            del self._at[origin]

    @contextmanager
    def counted(self, origin: str) -> Iterator[None]:
        """Around what may open a window. Raises RateLimited."""
        self.require_few(origin)
        try:
            yield
        except (PinCancelled, ConsentCancelled):
            self._at.setdefault(origin, []).append(self._clock())
            raise
