"""Memory that a document of 200 MB costs daemon and card host at most, beside one of 1 MB: handed over, hashed, signed.

The daemon is started anew for each, since a process's peak never falls (proc(5), VmHWM).
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks import batches
from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from tests.flow.bridge import Bridge, prepare
from tests.flow.test_uploads import asked, family, peak, upload

SMALL, LARGE, ROUNDS = 1, 200, often(3)
_PIECE = os.urandom(1 << 20)


async def measure(directory: Path) -> list[Comparison]:
    peaks: dict[int, list[float]] = {SMALL: [], LARGE: []}
    seconds: dict[int, list[float]] = {SMALL: [], LARGE: []}
    for turn in range(ROUNDS):
        for size in (SMALL, LARGE):
            folder = directory / f"{size}-{turn}"
            folder.mkdir()
            memory, took = await _signed(prepare(folder), size)
            peaks[size].append(memory)
            seconds[size].append(took)
    return [
        *await batches.measure(directory),
        Comparison("Peak memory of daemon and card host together", *_pair(peaks, "MiB")),
        Comparison("From the first byte handed over to the signature", *_pair(seconds, "s")),
    ]


def _pair(values: dict[int, list[float]], unit: str) -> tuple[Series, Series]:
    return Series(f"document of {SMALL} MiB", unit, values[SMALL]), Series(f"of {LARGE} MiB", unit, values[LARGE])


async def _signed(bridge: Bridge, size: int) -> tuple[float, float]:
    """MiB, seconds."""
    await bridge.start()
    try:
        assert bridge.process is not None
        bridge.plan("pin 1234")
        async with bridge.page() as page:
            await page.certificate()  # the card host runs
            begin = time.perf_counter()
            _, given = await upload(bridge, _pieces(size))
            await page.result("sign", await asked(page, given["document"]))
            took = time.perf_counter() - begin
        return sum(map(peak, family(bridge.process.pid))) / (1 << 20), took
    finally:
        await bridge.stop()


async def _pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield _PIECE
