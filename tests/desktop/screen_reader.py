"""A desktop with its accessibility bus, and a screen reader's view of the window on it."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.desktop.display import Environment, display

_SYSTEM_PYTHON = "/usr/bin/python3"
_SPOKEN = Path(__file__).with_name("spoken.py")


class Node(NamedTuple):
    """One thing that a screen reader can speak of."""

    role: str
    name: str
    description: str
    states: frozenset[str]


@contextlib.contextmanager
def spoken_desktop() -> Iterator[Environment]:
    """A screen with a session bus of its own; the accessibility bus starts on it by demand and ends with it."""
    with display() as env:
        command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
            if bus.stdout is None:
                raise RuntimeError("no pipe")
            try:
                address = bus.stdout.readline().strip()
                # Qt asks the desktop whether anybody listens; here nobody else has said so.
                yield env | {"DBUS_SESSION_BUS_ADDRESS": address, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
            finally:
                bus.terminate()


class ScreenReader:
    def __init__(self, env: Environment) -> None:
        command = [_SYSTEM_PYTHON, "-W", "ignore", str(_SPOKEN)]
        self._process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tree(self) -> list[Node]:
        """Everything in the window, in its order."""
        return self._ask("tree")

    def focused(self) -> str:
        """The name of what has the keyboard."""
        (only,) = self._ask("focused")
        return only.name

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, command: str) -> list[Node]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes")
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        found: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return [Node(each["role"], each["name"], each["description"], frozenset(each["states"])) for each in found]
