"""A few seconds of fuzzing for each reader, in a process of its own; `make fuzz` takes its time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

pytest.importorskip("atheris", reason="no wheel for this Python or system")
# Of each target: what stands in CI, or what `make fuzz` asks for.
SECONDS = os.environ.get("FUZZ_SECONDS", "6")
_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_refusals(name: str, tmp_path: Path) -> None:
    folder = Path(os.environ.get("FUZZ_CORPUS", tmp_path)) / name
    command = [sys.executable, "-m", "tests.fuzz", name, SECONDS, str(folder)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, errors="replace")
    found = [path.read_bytes().hex() for path in folder.glob("found-*")]
    assert (done.returncode, found) == (0, []), done.stderr[-3000:]
    assert "Done " in done.stderr  # libFuzzer's word at the end: it did run


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_good_files(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    for seed in seeds:
        TARGETS[name].run(seed)
