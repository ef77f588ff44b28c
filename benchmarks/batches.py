"""Batches of documents that are signed inside, beside a library that signs them in its own process: processor time and
time of each, and what all processes hold at most with 20 and with 500 of them.

The daemon is started anew for each batch, since a process's peak never falls (proc(5), VmHWM).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import Comparison, Series
from benchmarks.processes import children, proportional_mebibytes
from benchmarks.rounds import often
from tests.flow.bridge import Bridge, Page, prepare
from tests.flow.test_uploads import peak, upload
from tests.unit import pdf_world
from tests.unit.xades_world import XML

FEW, MANY, BARE, ROUNDS = 20, 500, 100, often(3)
PDF = pdf_world.document("bid")
_LOOK_SECONDS = 0.05


class Cost(NamedTuple):
    """Of one batch."""

    cpu: float
    """Milliseconds of each document, in all processes."""
    wall: float
    """Milliseconds of each document, from the request to the reply."""
    memory: float
    """MiB: what the daemon, the card host and the workers held at most, each at its time."""


async def measure(directory: Path) -> list[Comparison]:
    pdf, xml = [await _costs(directory, kind, made) for kind, made in (("pades", PDF), ("xades", XML))]
    floor = Series("pyHanko, a key in its own process", "ms", _bare())
    return [
        Comparison(f"Processor time of each of {MANY} PDF documents", floor, _cpu(pdf, "all our processes")),
        Comparison(f"Until the reply, for each of {MANY} PDF documents", _cpu(pdf, "processor time"), _wall(pdf)),
        Comparison(f"Until the reply, for each of {MANY} XML documents", _cpu(xml, "processor time"), _wall(xml)),
        Comparison("Most memory of all our processes, PDF documents", *_memory(pdf)),
        Comparison("Most memory of all our processes, XML documents", *_memory(xml)),
    ]


Costs = dict[int, list[Cost]]
"""By the documents of a batch."""


async def _costs(directory: Path, kind: str, content: bytes) -> Costs:
    found: Costs = {FEW: [], MANY: []}
    for turn in range(ROUNDS):
        for count in found:
            folder = directory / f"{kind}-{count}-{turn}"
            folder.mkdir(parents=True)
            found[count].append(await _signed(prepare(folder), kind, content, count))
    return found


def _cpu(costs: Costs, name: str) -> Series:
    return Series(name, "ms", [cost.cpu for cost in costs[MANY]])


def _wall(costs: Costs) -> Series:
    return Series("by the clock", "ms", [cost.wall for cost in costs[MANY]])


def _memory(costs: Costs) -> list[Series]:
    return [Series(f"batch of {count}", "MiB", [cost.memory for cost in costs[count]]) for count in (FEW, MANY)]


def _bare() -> list[float]:
    """Milliseconds of processor time of each document, in a process with everything loaded."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_pdf_signer", str(BARE)], capture_output=True, check=True
    )
    return [float(line) for line in done.stdout.split()]


async def _signed(bridge: Bridge, kind: str, content: bytes, count: int) -> Cost:
    await bridge.start()
    try:
        assert bridge.process is not None
        bridge.plan("pin 1234")
        async with bridge.page() as page:
            certificate = await page.certificate()  # the card host runs
            handles = [(await upload(bridge, content))[1]["document"] for _ in range(count)]
            documents = [{"name": f"{at}.dat", "format": kind, "document": each} for at, each in enumerate(handles)]
            asked = {"certificate": certificate, "action": "提出", "documents": documents}
            return await _cost(bridge.process.pid, page, asked)
    finally:
        await bridge.stop()


async def _cost(daemon: int, page: Page, asked: dict[str, Any]) -> Cost:
    count, (host,) = len(asked["documents"]), children(daemon)
    before, begin = _spent(daemon) + _spent(host), time.perf_counter()
    workers = _Workers(daemon, host)
    watch = asyncio.create_task(workers.watch())
    await page.result("sign", asked)
    wall, cpu = time.perf_counter() - begin, _spent(daemon) + _spent(host) - before
    watch.cancel()
    memory = (peak(daemon) + peak(host)) / (1 << 20) + workers.most
    return Cost(cpu / count * 1000, wall / count * 1000, memory)


class _Workers:
    """What the daemon's other children and theirs hold together (MiB, by their share of shared pages)."""

    def __init__(self, daemon: int, host: int) -> None:
        self._daemon = daemon
        self._host = host
        self.most = 0.0

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self.most = max(self.most, self._held())

    def _held(self) -> float:
        own = [child for child in children(self._daemon) if child != self._host]
        held = 0.0
        with contextlib.suppress(OSError, StopIteration):  # one that has just ended
            for process in (*own, *(grandchild for each in own for grandchild in children(each))):
                held += proportional_mebibytes(process)
        return held


def _spent(process: int) -> float:
    """Seconds of processor time: its own, and that of its children that have ended (proc(5), fields 14 to 17)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
