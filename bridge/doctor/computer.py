"""The lines on this program: its version, programs that stand in for its own, and its folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from bridge import settings as settings_module
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
    yield from _directories(loaded)


def _directories(loaded: Settings) -> Iterator[Check]:
    for path in (settings_module.log_directory(loaded), settings_module.card_directory(loaded)):
        nearest = next(parent for parent in (path, *path.parents) if parent.exists())
        ok = os.access(nearest, os.W_OK)
        yield Check(
            "directory",
            ok,
            f"書き込み{'可' if ok else '不可'}: {path}",
            f"{'writable' if ok else 'not writable'}: {path}",
        )
