"""The last signatures in the record, for the menu: of this start as they are made, of earlier ones once looked for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

from bridge import logs
from bridge.audit import reading
from bridge.audit.chain import Line

SHOWN = 10
TELL_SECONDS = 0.3
"""How long the menu waits for another signature before it shows the last ones."""


class LastSignatures:
    def __init__(self, directory: Path, changed: Callable[[], None]) -> None:
        self._directory, self._changed = directory, changed
        self._lines: deque[Line] = deque(maxlen=SHOWN)
        self._telling_soon: asyncio.TimerHandle | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The newest first; earlier ones once `look_back` was called."""
        return tuple(reversed(self._lines))

    async def look_back(self) -> None:
        """Find what was signed before this start. May take a moment: whoever shows it calls it once it listens."""
        before = await asyncio.to_thread(self._before)
        known = {line.hash for line in before}
        since = [line for line in self._lines if line.hash not in known]
        self._lines.extend(before)
        self._lines.extend(since)
        self._changed()

    def take(self, line: Line) -> None:
        """A batch is shown once, when it is over."""
        self._lines.append(line)
        if self._telling_soon is not None:
            self._telling_soon.cancel()
        self._telling_soon = asyncio.get_running_loop().call_later(TELL_SECONDS, self._changed)

    def _before(self) -> list[Line]:
        try:
            return reading.last_signatures(self._directory, SHOWN)
        except OSError as error:
            logs.fault("audit_not_read", error)
            return []
