"""The allow-list: which origins may call (exact match, never a suffix), and who is kept silent after a refusal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Protocol

from bridge import logs

SILENT_SECONDS = 600.0
"""After a refusal the same origin is refused without a window for this long."""


class NotKept(Exception):
    """The person's list cannot be believed or written; the text names the file and says why."""


class Kept(Protocol):
    """The person's grants on the disk."""

    def origins(self) -> Collection[str]: ...
    def allow(self, origin: str, *, once: bool) -> None:
        """Raises NotKept."""
        ...

    def revoke(self, origin: str) -> None:
        """Raises NotKept."""
        ...


class Origins:
    """Policy's origins and the person's grants. Refusals are remembered while the daemon runs."""

    def __init__(self, policy: Iterable[str], kept: Kept | None, clock: Callable[[], float]) -> None:
        """`kept` is None where policy fixes the list. `clock`: monotonic seconds."""
        self._policy = frozenset(policy)
        self._kept = kept
        self._clock = clock
        self.on_change: Callable[[], None] = lambda: None
        """Told after the person allowed an origin or took it back."""
        self._unkept: set[str] = set()
        """Granted, but the file could not be written: as "once"."""
        self._refused: dict[str, float] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._policy, *self.granted}))

    @property
    def fixed(self) -> bool:
        """Whether nobody is asked."""
        return self._kept is None

    @property
    def granted(self) -> tuple[str, ...]:
        """What the person allowed and can take back."""
        kept = self._kept.origins() if self._kept is not None else ()
        return tuple(sorted({*self._unkept, *kept} - self._policy))

    def allows(self, origin: str) -> bool:
        if origin in self._policy or origin in self._unkept:
            return True
        return self._kept is not None and origin in self._kept.origins()

    def grant(self, origin: str, *, once: bool) -> None:
        """For good, or until the daemon stops."""
        if self._kept is None:
            return
        try:
            self._kept.allow(origin, once=once)
        except NotKept:
            logs.warning("grant_not_kept", origin=origin)
            self._unkept.add(origin)
        self.on_change()

    def revoke(self, origin: str) -> None:
        """Raises NotKept."""
        self._unkept.discard(origin)
        if self._kept is not None:
            self._kept.revoke(origin)
        self.on_change()

    def refuse(self, origin: str) -> None:
        """By the person."""
        now = self._clock()
        self._refused = {known: until for known, until in self._refused.items() if until > now}
        self._refused[origin] = now + SILENT_SECONDS

    def is_silenced(self, origin: str) -> bool:
        return self._refused.get(origin, 0.0) > self._clock()
