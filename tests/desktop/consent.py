"""The real consent window as a test holds it: the process, its pipes, and what it answers."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

from tests.desktop.display import find_window, press, wait_focused
from tests.desktop.window import System

TITLES = "サイトの確認|Site check"
BASE = {"v": 1, "language": "ja", "origin": "https://ebid.example.jp", "timeoutSeconds": 120}


class ConsentWindow:
    def __init__(self, system: System, **changes: Any) -> None:
        self._env = system.env
        self.process = subprocess.Popen(
            [*system.command[:-1], "tray.consent_window"], env=system.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.send(json.dumps(BASE | changes).encode() + b"\n")

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
        wait_focused(self._env, find_window(self._env, TITLES))
        time.sleep(1.2)

    def press(self, *keys: str) -> None:
        press(self._env, *keys)

    def answer(self, seconds: float = 10) -> str | None:
        """What was answered, up to the end of the process; None: nothing."""
        assert self.process.stdout is not None
        self.process.wait(seconds)
        lines = self.process.stdout.read().splitlines()
        assert len(lines) <= 1
        return str(json.loads(lines[0])["answer"]) if lines else None

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
