"""The allow-list: which origins may call (exact match, never a suffix), and who is kept silent after a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
SILENT_SECONDS = 600.0
"""After a refusal the same origin is refused without a window for this long."""


def is_acceptable(origin: str, *, development: bool) -> bool:
    """An https origin as browsers serialise it (RFC 6454 §6.2); http for loopback hosts in development mode only."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    if parts.hostname is None or f"{parts.scheme}://{parts.netloc}" != origin:
        return False
    host = parts.netloc.rsplit(":", 1)[0] if port is not None else parts.netloc
    if not _HOST.fullmatch(host) or (origin.endswith((":443", ":")) and parts.scheme == "https"):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and development and parts.hostname in _LOOPBACK)


class Origins:
    """Policy's origins and, later, the person's grants. Refusals are remembered while the daemon runs."""

    def __init__(self, allowed: Iterable[str], clock: Callable[[], float]) -> None:
        self._allowed = frozenset(allowed)
        self._clock = clock
        self._refused: dict[str, float] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._allowed))

    def allows(self, origin: str) -> bool:
        return origin in self._allowed

    def refuse(self, origin: str) -> None:
        now = self._clock()
        self._refused = {known: until for known, until in self._refused.items() if until > now}
        self._refused[origin] = now + SILENT_SECONDS

    def is_silenced(self, origin: str) -> bool:
        return self._refused.get(origin, 0.0) > self._clock()
