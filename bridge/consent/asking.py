"""The person's answer to an origin that nobody allowed yet: asked at `connect`, at most one window, never in a row.

After a no the same origin is refused silently for ten minutes; at most three windows open in ten minutes, whoever asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum

from bridge import logs
from bridge.desk import Desk
from bridge.errors import Busy, OriginDenied, RateLimited
from bridge.gate.origins import Origins

WINDOWS_ALLOWED = 3
WINDOW_SECONDS = 600.0


class Verdict(Enum):
    REMEMBER = "remember"
    ONCE = "once"
    NO = "no"
    UNASKED = "unasked"
    """No window came up: nobody said no."""


Show = Callable[[str], Awaitable[Verdict]]
"""Shows the window about an origin; cancelling it takes the window away."""


class _Question:
    """One open window and the requests that wait for its answer."""

    def __init__(self, origin: str, task: asyncio.Task[None]) -> None:
        self.origin = origin
        self.task = task
        self.waiting = 0

    async def answered(self) -> None:
        """Until the person answered. The window goes when nobody waits any more."""
        self.waiting += 1
        try:
            await asyncio.shield(self.task)
        finally:
            self.waiting -= 1
            if not self.waiting:
                self.task.cancel()


class Consent:
    def __init__(self, origins: Origins, show: Show, desk: Desk, clock: Callable[[], float]) -> None:
        """`clock`: monotonic seconds."""
        self._origins, self._show, self._desk, self._clock = origins, show, desk, clock
        self._question: _Question | None = None
        self._opened: list[float] = []
        self.on_answer: Callable[[str, Verdict], None] = lambda origin, verdict: None
        """Told what came of each window."""

    @property
    def origins(self) -> Origins:
        return self._origins

    async def admit(self, origin: str, method: str) -> None:
        """Rule 5 of the gate. Raises OriginDenied; for `connect`, which may ask, Busy and RateLimited as well."""
        if self._origins.allows(origin):
            return
        if method != "connect" or self._origins.fixed or self._origins.is_silenced(origin):
            raise OriginDenied("this origin is not allowed")
        question = await self._ask(origin)
        await question.answered()
        if not self._origins.allows(origin):
            raise OriginDenied("the person did not allow this origin")

    async def close(self) -> None:
        """Take the window away."""
        if self._question is not None:
            self._question.task.cancel()
            await asyncio.wait([self._question.task])

    async def _ask(self, origin: str) -> _Question:
        """The window about this origin: the open one, or a new one."""
        while self._question is not None and not self._question.waiting:
            # Its page went away, and the window is just going.
            await asyncio.wait([self._question.task])
        if self._question is None:
            self._question = self._begin(origin)
        elif self._question.origin != origin:
            raise Busy("another site's window is open")
        return self._question

    def _begin(self, origin: str) -> _Question:
        now = self._clock()
        self._opened = [at for at in self._opened if at > now - WINDOW_SECONDS]
        if len(self._opened) >= WINDOWS_ALLOWED:
            raise RateLimited("too many consent windows")
        task = asyncio.create_task(self._settle(origin))
        task.add_done_callback(self._ended)
        return _Question(origin, task)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._question = None

    async def _settle(self, origin: str) -> None:
        with self._desk.for_consent():
            self._opened.append(self._clock())
            verdict = await self._show(origin)
        logs.info("consent", origin=origin, verdict=verdict.value)
        self.on_answer(origin, verdict)
        match verdict:
            case Verdict.REMEMBER | Verdict.ONCE:
                self._origins.grant(origin, once=verdict is Verdict.ONCE)
            case Verdict.NO:
                self._origins.refuse(origin)
