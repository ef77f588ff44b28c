"""Several bridges of one person write one record, and any of them may be killed at any moment."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bridge.audit import reading
from bridge.audit.verify import NOTES, verify

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def writing(folder: Path, *names: str, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.flow.audit_writer", str(folder)]
    started = [
        subprocess.Popen([*command, name, str(count)], stdout=subprocess.PIPE, text=True, cwd=ROOT) for name in names
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait(30)
            if process.stdout is not None:
                process.stdout.close()


def told_by(process: subprocess.Popen[str]) -> list[int]:
    """Numbers of the lines that it had written, to its end."""
    assert process.stdout is not None
    return [int(line) for line in process.stdout if line.endswith("\n")]


def test_two_that_write_at_once_lose_and_mix_nothing(tmp_path: Path) -> None:
    with writing(tmp_path / "audit", "a", "b", count=300) as started:
        told = [number for process in started for number in told_by(process)]
    lines = [line for line in reading.lines(tmp_path / "audit") if line.event == "certificates"]
    assert sorted(told) == [line.number for line in lines]
    for name in "ab":
        assert [line.facts["number"] for line in lines if line.facts["by"] == name] == list(range(300))
    report = verify(reading.pieces(tmp_path / "audit"))
    assert (report.findings, len(list((tmp_path / "audit").glob("*.jsonl"))) > 5) == ((), True)


def test_killed_at_any_moment_what_was_told_is_there_and_the_record_is_whole(tmp_path: Path) -> None:
    chance = random.Random(18)
    told: list[int] = []
    for _ in range(12):
        with writing(tmp_path / "audit", "a", "b", count=100_000) as started:
            time.sleep(chance.uniform(0.02, 0.15))
            for process in started:
                process.kill()
                told += told_by(process)
    report = verify(reading.pieces(tmp_path / "audit"))
    assert {finding.kind for finding in report.findings} <= NOTES
    assert report.is_whole
    assert set(told) <= {line.number for line in reading.lines(tmp_path / "audit")}
    assert len(told) > 100
