"""What one peer or page may cost: times, connections, requests (docs/protocol.md, Transport)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.errors import RateLimited


class Limits(NamedTuple):
    """Seconds, unless said otherwise."""

    handshake: float = 15.0
    head: float = 15.0
    """From the end of the handshake to the end of the first request's head."""
    body: float = 15.0
    idle: float = 60.0
    silent: int = 256
    """Connections of this user that have not yet sent a request. A browser opens some 200 while it asks the person."""
    strangers: int = 64
    """The same of other users, who never get further than a refusal."""
    sockets: int = 16
    """WebSockets of one origin."""


class Rate(NamedTuple):
    burst: float
    per_second: float


ALLOWED = Rate(2000, 200)
"""A page at work makes some ten requests a second; signing as fast as the quickest card can must still pass."""
UNKNOWN = Rate(120, 4)
"""Probes and `connect`: a page that waits to be allowed looks every three seconds, by three requests, in each tab."""
_ORIGINS_KEPT = 256


class Rates:
    """Requests per origin, by the token bucket: `burst` at once, then `per_second`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: monotonic seconds."""
        self._clock = clock
        self._buckets: dict[tuple[str, Rate], tuple[float, float]] = {}
        """What was left, and when; the origin that asked last stands last."""

    def spend(self, origin: str, rate: Rate) -> None:
        """One request. Raises RateLimited."""
        now = self._clock()
        left, at = self._buckets.pop((origin, rate), (rate.burst, now))
        left = min(rate.burst, left + (now - at) * rate.per_second)
        self._buckets[origin, rate] = (max(left - 1, 0.0), now)
        while len(self._buckets) > _ORIGINS_KEPT:
            self._buckets.pop(next(iter(self._buckets)))
        if left < 1:
            raise RateLimited("too many requests in a short time")
