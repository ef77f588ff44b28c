"""The icon's menu, opened and gone through by keyboard as a person would."""

from __future__ import annotations

import subprocess
import time

from tests.desktop.display import Environment, click, press

ICON = (1280 - 16, 1024 - 16)
FROM_BELOW = ("quit", "about", "log", "setup", "notices", "language", "sites", "forget")
"""What can be chosen, from the last entry upwards; keys pass over what cannot."""


def open_menu(env: Environment) -> None:
    """Until its window is there, and then a second: GTK's menu takes no keys while it opens."""
    before, end = _windows(env), time.monotonic() + 30
    click(env, *ICON, button=3)
    while not _windows(env) - before:
        assert time.monotonic() < end, "no menu"
        time.sleep(0.1)
    time.sleep(1)


def choose(env: Environment, entry: str, *inside: str, without: tuple[str, ...] = ()) -> None:
    """Choose an entry; `inside`: keys in its own menu. `without`: entries below it that cannot be chosen now."""
    open_menu(env)
    reachable = [name for name in FROM_BELOW if name not in without]
    press(env, *["Up"] * (reachable.index(entry) + 1), *(["Right", *inside] if inside else []), "Return")


def _windows(env: Environment) -> set[str]:
    command = ["xdotool", "search", "--onlyvisible", "--name", ".*"]
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=20)
    return set(found.stdout.split())
