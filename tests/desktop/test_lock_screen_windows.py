"""Windows' lock screen, as far as Wine goes, which locks nothing: what our window does with what Windows tells."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

LEAVING = {"console disconnected": 2, "remote desktop disconnected": 4, "locked": 7}
STAYING = {"console connected": 1, "remote desktop connected": 3, "logged on": 5, "unlocked": 8}
"""wtsapi32's WTS_…, by what a person does."""


class Follower:
    def __init__(self, process: subprocess.Popen[str], said: IO[str]) -> None:
        self._process = process
        self.said = said

    def tell(self, what: int) -> list[str]:
        """What it says until it has taken it, and what it was about to say then."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return self.until("told")

    def end(self) -> list[str]:
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self.until("ended")

    def until(self, last: str) -> list[str]:
        lines: list[str] = []
        while not lines or lines[-1] != last:
            line = self.said.readline()
            assert line, "it ended"
            lines.append(line.strip())
        return lines[:-1]


@pytest.fixture
def follower(system: System) -> Iterator[Follower]:
    program = Path(__file__).with_name("windows_lock.py")
    with subprocess.Popen(
        ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", str(program)],
        env=system.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        made = Follower(process, process.stdout)
        made.until("windows")
        yield made
        process.kill()


@pytest.mark.parametrize("how", LEAVING)
def test_a_session_that_the_person_leaves_is_told_once(follower: Follower, how: str) -> None:
    said = follower.tell(LEAVING[how])
    assert said + follower.end() == ["locked"]


def test_a_session_that_the_person_comes_to_is_not(follower: Follower) -> None:
    said = [line for number in STAYING.values() for line in follower.tell(number)]
    assert said + follower.end() == []
