"""`card-bridge stop`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bridge import settings
from bridge.errors import CardFailed
from tray.stop.texts import text
from tray.stop.told import lock

_DEADLINE_SECONDS = 75.0
"""Longer than a card may take for what it has begun (card.host_deadline_seconds: 60 unless set)."""


def stop(argv: list[str]) -> int:
    """0: none runs any more, 1: one still does, 2: settings."""
    language = settings.language()
    parser = argparse.ArgumentParser(prog="card-bridge stop", description=text(language, "about"))
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the settings file that the bridge was started with"
    )
    arguments = parser.parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
    except settings.SettingsError as error:
        print(f"card-bridge: {error.text(language)}", file=sys.stderr)
        return 2
    if not _ended(loaded):
        print(text(settings.language(loaded), "runs"), file=sys.stderr)
        return 1
    print(text(settings.language(loaded), "ended"))
    return 0


if sys.platform == "win32":

    def _ended(_loaded: settings.Settings) -> bool:
        from tray.stop import windows

        return windows.end_all(_DEADLINE_SECONDS)[1]

else:

    def _ended(loaded: settings.Settings) -> bool:
        from tray.stop import mark

        try:
            return mark.end(lock(loaded), _DEADLINE_SECONDS)
        except CardFailed:
            return True  # a folder that cannot be written, where no bridge can have taken its place
