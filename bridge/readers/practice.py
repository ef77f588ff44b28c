"""The practice card's reader as the daemon sees it: a directory looked at twice a second, in practice mode only."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from pathlib import Path

from bridge.card.practice import slot as practice_slot
from bridge.readers.state import ReaderState

POLL_SECONDS = 0.5


def state(directory: Path) -> ReaderState:
    word = practice_slot.insertion(directory)
    events = zlib.crc32(word.encode()) if word else 0
    return ReaderState(practice_slot.READER, word is not None, False, b"practice" if word else b"", events)


async def watch(directory: Path, changed: Callable[[ReaderState], None]) -> None:
    """Report the first state and every change until cancelled."""
    known: ReaderState | None = None
    while True:
        if (now := state(directory)) != known:
            known = now
            changed(now)
        await asyncio.sleep(POLL_SECONDS)
