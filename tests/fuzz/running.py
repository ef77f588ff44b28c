"""One target in a process of its own, for the seconds that CI gives it; `make fuzz` takes its time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

pytest.importorskip("atheris", reason="no wheel for this Python or system")
# Of each target: what stands in CI, or what `make fuzz` asks for.
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
SLOWEST = 20
"""Runs a second that a target has to come to on a busy machine: below, what is watched is the waiting."""
_ROOT = Path(__file__).parents[2]
# libFuzzer's word at the end: it did run
_DONE = re.compile(r"^Done (\d+) runs in (\d+) second", re.MULTILINE)


def of(ring: str) -> list[str]:
    """The names of this ring's targets. A ring is a file, and a file is a lane's (Makefile, test)."""
    return [name for name, target in TARGETS.items() if target.ring == ring]


def fuzz(name: str, tmp_path: Path) -> None:
    """Nothing but refusals came of it, over as many runs as are worth the time."""
    folder = Path(os.environ.get("FUZZ_CORPUS", tmp_path)) / name
    command = [sys.executable, "-m", "tests.fuzz", name, str(SECONDS), str(folder)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, errors="replace")
    found = [path.read_bytes().hex() for path in folder.glob("found-*")]
    # What the target raised stands in the standard output.
    assert (done.returncode, found) == (0, []), done.stdout[-3000:] + done.stderr[-3000:]
    told = _DONE.search(done.stderr)
    assert told, done.stderr[-3000:]
    print(told[0])
    assert int(told[1]) >= SLOWEST * int(told[2]), told[0]


def run_seeds(name: str) -> None:
    """What it begins from are good files, which raise nothing."""
    seeds = TARGETS[name].seeds()
    assert seeds
    for seed in seeds:
        TARGETS[name].run(seed)
