"""Tells each thing once, as far as it is wanted and the desktop takes it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import date

from bridge import logs
from bridge.readers.events import Event
from bridge.readers.known import KnownCertificate
from tray.daemon import Daemon
from tray.notices import expiry, texts
from tray.notices.memory import Memory
from tray.notices.texts import Notice
from tray.view import days_left

Show = Callable[[Notice], Awaitable[bool]]
"""Whether the desktop took it."""
_AGAIN_SECONDS = 3600.0
"""How long a desktop that took nothing is left alone."""


class Teller:
    def __init__(self, daemon: Daemon, memory: Memory, show: Show) -> None:
        self._daemon, self._memory, self._show = daemon, memory, show
        self._not_before = 0.0
        self._looked: dict[str, int] = {}
        """Days left at which each certificate was last dealt with: once a day is enough."""

    async def moved(self, events: list[Event]) -> None:
        """Cards came or went."""
        if self._daemon.preferences.now.card_notices:
            language = self._daemon.preferences.language
            for event in events:
                if event["event"] == "cardInserted":
                    await self._show(texts.inserted(event["reader"], language))
                elif event["event"] == "cardRemoved":
                    await self._show(texts.removed(event["reader"], language))

    async def remind(self, today: date) -> None:
        """Of every certificate that is known and about to end. `today`: in Tokyo."""
        for certificate in _ending(self._daemon, today):
            await self._remind(certificate, days_left(certificate.expiry, today))

    async def no_icon(self, say: Callable[[str], None]) -> None:
        """Once for good, not at each start; anew after a start that had an icon."""
        logs.info("no_icon")
        if not self._memory.no_icon:
            notice = texts.no_icon(self._daemon.preferences.language)
            self._memory.set_no_icon(True)
            say(notice.text)
            await self._show(notice)

    def icon(self) -> None:
        """This desktop shows it."""
        self._memory.set_no_icon(False)

    async def _remind(self, certificate: KnownCertificate, days: int) -> None:
        if self._looked.get(certificate.id) == days or time.monotonic() < self._not_before:
            return
        threshold = expiry.due(days, self._memory.reminded(certificate.id))
        if threshold is not None:
            holder = certificate.holder or certificate.organization
            notice = texts.expiry(holder, certificate.expiry, days, self._daemon.preferences.language)
            if not await self._show(notice):
                self._not_before = time.monotonic() + _AGAIN_SECONDS
                return
            self._memory.remind(certificate.id, threshold)
        self._looked[certificate.id] = days


def _ending(daemon: Daemon, today: date) -> list[KnownCertificate]:
    found = [certificate for card in daemon.cards for certificate in card.certificates]
    return [each for each in found if 0 <= days_left(each.expiry, today) <= max(expiry.THRESHOLDS)]
