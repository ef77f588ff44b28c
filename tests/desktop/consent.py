"""The real consent window as a test holds it: the process, its pipes, and what it answers."""

from __future__ import annotations

import json
from typing import Any

from tests.desktop.window import Shown, System

TITLES = "サイトの確認|Site check"
BASE = {"v": 1, "language": "ja", "origin": "https://ebid.example.jp", "timeoutSeconds": 120}


class ConsentWindow(Shown):
    titles = TITLES

    def __init__(self, system: System, **changes: Any) -> None:
        command = (*system.command[:-1], "tray.consent_window")
        super().__init__(system.env, command, json.dumps(BASE | changes).encode() + b"\n")

    def answer(self, seconds: float = 10) -> str | None:
        """What was answered, up to the end of the process; None: nothing."""
        assert self.process.stdout is not None
        self.process.wait(seconds)
        lines = self.process.stdout.read().splitlines()
        assert len(lines) <= 1
        return str(json.loads(lines[0])["answer"]) if lines else None
