"""What was tried a short while ago is not tried again: strangers decide how often the portal is asked to."""

from __future__ import annotations

from datetime import datetime, timedelta

AGAIN = timedelta(minutes=5)
_REMEMBERED = 256


class Recently:
    """Addresses by the time at which they were last tried; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._tried: dict[str, datetime] = {}

    def is_new(self, key: str, now: datetime) -> bool:
        """Whether it was not tried within the last minutes; from now on it was."""
        tried = self._tried.pop(key, None)
        if tried is not None and now < tried + AGAIN:
            self._tried[key] = tried
            return False
        if len(self._tried) >= _REMEMBERED:
            self._tried.pop(next(iter(self._tried)))
        self._tried[key] = now
        return True

    def count(self, now: datetime) -> int:
        """How many were tried within the last minutes."""
        return sum(now < tried + AGAIN for tried in self._tried.values())
