"""A program's clock that a test sets while it runs (libfaketime): what people call the time, not what time-outs use."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from tests.flow.portal_program import Program

_LIBRARIES = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")


class Clock:
    """`env`: the environment in which a program goes by this clock; its file times and monotonic clock are real."""

    def __init__(self, folder: Path) -> None:
        library = next(_LIBRARIES, None)
        assert library is not None, "no libfaketime: sh scripts/packages.sh test"
        self._offset = folder / "clock"
        self._offset.write_text("+0")
        self.env = {
            "PATH": os.environ["PATH"],
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_CACHE_DURATION": "1",  # seconds until a program sees that it was set; at each look costs too much
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "TZ": "America/New_York",  # Japan's hours are not the machine's
        }

    def set(self, time: datetime) -> None:
        """It is this time now, and goes on from there."""
        ahead = (time - datetime.now(UTC)).total_seconds()
        new = self._offset.with_name("clock.new")
        new.write_text(f"{ahead:+.3f}")
        new.replace(self._offset)

    async def turn(self, time: datetime, portal: Program) -> None:
        """As `set`, and this portal has seen it: its answers are dated so."""
        self.set(time)
        async with asyncio.timeout(60):
            while abs((await _dated(portal) - time).total_seconds()) > 60:  # noqa: ASYNC110 - of another program
                await asyncio.sleep(0.1)


async def _dated(portal: Program) -> datetime:
    async with portal.visitor() as person, person.client.get("/static/base.css") as answer:
        return parsedate_to_datetime(answer.headers["Date"])
