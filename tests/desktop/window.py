"""The real PIN window as a test holds it: the process, its pipes, and what it answers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from tests.desktop.display import Environment, find_window, paste_text, press, type_text, wait_focused
from tests.desktop.questions import question

OWN = (sys.executable, "-m", "tray.pin_window")
BOTH = pytest.mark.parametrize("system", ["own", "windows"], indirect=True)
"""For tests of what both windows do alike."""


class System(NamedTuple):
    env: Environment
    command: tuple[str, ...]
    """Starts its PIN window."""


class Answer(NamedTuple):
    line: dict[str, Any]
    octets: bytes
    """What followed the line."""


class Shown:
    """A window program: its process, its pipes, and keys for it."""

    titles: str
    """A regular expression for the title of its window."""

    def __init__(self, env: Environment, command: Sequence[str], asked: bytes) -> None:
        self._env = env
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.send(asked)

    def send(self, octets: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(octets)
        self.process.stdin.flush()

    def wait_shown(self) -> None:
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline()) == {"event": "shown"}

    def wait_ready(self) -> None:
        """Shown, and the focus is there for longer than the guard time; a busy machine is given some more."""
        self.wait_shown()
        wait_focused(self._env, find_window(self._env, self.titles))
        time.sleep(1.2)

    def press(self, *keys: str) -> None:
        press(self._env, *keys)

    def still_open(self, seconds: float = 0.6) -> bool:
        """Whether nothing was answered for a while."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


class Window(Shown):
    titles = "PIN|署名の確認|Confirm"

    def __init__(self, system: System, **changes: Any) -> None:
        super().__init__(system.env, system.command, question(**changes))

    def type(self, text: str) -> None:
        type_text(self._env, text)

    def paste(self, text: str) -> None:
        paste_text(self._env, text)

    def answer(self, seconds: float = 10) -> Answer:
        """What was answered, up to the end of the process."""
        assert self.process.stdin is not None
        out = self._rest(seconds)
        line, _, octets = out.partition(b"\n")
        return Answer(json.loads(line), octets)

    def _rest(self, seconds: float) -> bytes:
        assert self.process.stdout is not None
        self.process.wait(seconds)
        return self.process.stdout.read()
