"""Who may ask 検証機能 now: so many requests of one address in a minute, so many under way. Kept in memory only."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from portal.refusals import Refused
from portal.verification.settings import VerificationLimits

AT_ONCE = 2  # under way of one address


class Turnstile:
    """Counts requests by the minute of the clock, so that what it remembers is never older than that."""

    def __init__(self, limits: VerificationLimits, clock: Callable[[], datetime]) -> None:
        self._limits = limits
        self._clock = clock
        self._minute = 0
        self._asked: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()

    @contextlib.contextmanager
    def turn(self, address: str | None) -> Iterator[None]:
        """For as long as a request of this address is worked on. Raises Refused (rate_limited, verification_busy)."""
        who = _network(address)
        self._count(who)
        if self._inside[who] >= AT_ONCE or self._inside.total() >= self._limits.at_once:
            raise Refused("verification_busy")
        self._inside[who] += 1
        try:
            yield
        finally:
            self._inside[who] -= 1
            self._inside += Counter()  # drops what fell to zero

    def _count(self, who: str) -> None:
        minute = int(self._clock().timestamp()) // 60
        if minute != self._minute:
            self._minute, self._asked = minute, Counter()
        self._asked[who] += 1
        if self._asked[who] > self._limits.per_minute:
            raise Refused("rate_limited")


def _network(address: str | None) -> str:
    """An IPv6 host has the 2^64 addresses of its network at hand: they count as one."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)
