"""The whole diagnosis, bridge running and a token there, beside the listing of cards, which starts a host as well."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from benchmarks.tokens import on_softhsm

ROUNDS = often(12)
_FLOOR, _OURS = "card-bridge cards", "card-bridge doctor"


async def measure(directory: Path) -> list[Comparison]:
    seconds: dict[str, list[float]] = {_FLOOR: [], _OURS: []}
    async with on_softhsm(directory) as bridge:
        for _ in range(ROUNDS):
            for name, values in seconds.items():
                values.append(_once(name.split()[1], bridge.directory / "bridge.toml"))
    return [Comparison("Diagnosis", Series(_FLOOR, "s", seconds[_FLOOR]), Series(_OURS, "s", seconds[_OURS]))]


def _once(command: str, config: Path) -> float:
    """From the command to its last line, in seconds."""
    begin = time.perf_counter()
    whole = [sys.executable, "-X", "utf8", "-m", "bridge.cli", command, "--json", "--config", str(config)]
    done = subprocess.run(whole, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.stdout.startswith(b"["), done.stderr
    return time.perf_counter() - begin
