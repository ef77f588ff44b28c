"""The lines on this program: its version, its settings, and programs that stand in for its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bridge.doctor import configuration
from bridge.doctor.check import Check
from bridge.settings import Settings
from bridge.version import VERSION


def version() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    text = f"card-bridge {VERSION}, Python {python}"
    return Check("version", True, text, text)


def examine(loaded: Settings) -> Iterator[Check]:
    yield from configuration.replaced(loaded)
    yield from configuration.sources(loaded)
