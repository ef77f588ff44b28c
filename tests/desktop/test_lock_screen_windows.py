"""Windows' lock screen, sleep and log-off, as far as Wine goes, which does none: what our window does when told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

WM_ENDSESSION, WM_POWERBROADCAST, WM_WTSSESSION_CHANGE = 0x0016, 0x0218, 0x02B1
LEAVING = {"console disconnected": 2, "remote desktop disconnected": 4, "locked": 7}
STAYING = {"console connected": 1, "remote desktop connected": 3, "logged on": 5, "unlocked": 8}
"""wtsapi32's WTS_…, by what a person does."""


class Follower:
    def __init__(self, process: subprocess.Popen[str], said: IO[str]) -> None:
        self._process = process
        self.said = said

    def tell(self, what: int, message: int = WM_WTSSESSION_CHANGE) -> list[str]:
        """What it says until it has taken it, and what it was about to say then."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{message} {what}\n")
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


def test_windows_sleeps_after_the_logins_have_ended_and_tells_of_its_end(follower: Follower) -> None:
    suspend, resume, by_the_person = 0x4, 0x12, 0x7
    assert follower.tell(suspend, WM_POWERBROADCAST) == ["logged out"]
    said = follower.tell(by_the_person, WM_POWERBROADCAST) + follower.tell(resume, WM_POWERBROADCAST)
    assert said + follower.end() == ["woken"]


def test_a_log_off_ends_logins_and_bridge_and_one_that_is_called_off_does_not(follower: Follower) -> None:
    called_off, really = 0, 1
    assert follower.tell(called_off, WM_ENDSESSION) == []
    assert follower.tell(really, WM_ENDSESSION) + follower.end() == ["logged out", "ending"]
