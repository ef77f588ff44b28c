"""What a screen reader finds in a window, by AT-SPI: `tree` or `focused` on stdin, one JSON line each on stdout.

Run by the system's Python, which has the AT-SPI bindings; it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 - after the version is chosen

PATIENCE_SECONDS = 20
STATES = ("FOCUSABLE", "FOCUSED", "ENABLED", "SHOWING", "CHECKED")


def window() -> Any:
    """The one window of the one program on this bus that has any."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        programs = [desktop.get_child_at_index(at) for at in range(desktop.get_child_count())]
        windows = [each.get_child_at_index(0) for each in programs if each is not None and each.get_child_count()]
        if windows and windows[0] is not None:
            return windows[0]
        time.sleep(0.1)
    raise SystemExit("no window came")


def nodes(accessible: Any) -> Iterator[Any]:
    yield accessible
    for at in range(accessible.get_child_count()):
        child = accessible.get_child_at_index(at)
        if child is not None:
            yield from nodes(child)


def told(accessible: Any) -> dict[str, Any]:
    states = accessible.get_state_set()
    held = [name.lower() for name in STATES if states.contains(getattr(Atspi.StateType, name))]
    return {
        "role": accessible.get_role_name(),
        "name": accessible.get_name(),
        "description": accessible.get_description(),
        "states": held,
    }


def whole() -> list[dict[str, Any]]:
    """The window as it is when nothing of it went while it was read."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            top = window()
            top.clear_cache()
            return [told(each) for each in nodes(top)]
        except GLib.GError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def answer(command: str) -> list[dict[str, Any]]:
    while GLib.MainContext.default().iteration(False):
        pass  # events that came meanwhile, by which the library keeps its picture fresh
    found = whole()
    return (
        [each for each in found if {"focused", "focusable"} <= set(each["states"])] if command == "focused" else found
    )


for line in sys.stdin:
    print(json.dumps(answer(line.strip())), flush=True)
