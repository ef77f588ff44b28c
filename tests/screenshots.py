"""`make screenshots`: the portal's screens and every window, as pictures for the docs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.browser import pictures
from tests.desktop.consent_screenshots import main as consent_pictures
from tests.desktop.screenshots import main as window_pictures

DOCUMENTED: Final = (
    *("entrance", "entrance-print", "first-time", "setup", "accessibility", "divisions", "business", "later"),
    *("start", "start-unprepared", "verification"),
    *("menu", "menu-wrong-pin", "search", "search-wrong", "form", "confirm", "complete"),
    *("sheet", "change", "change-confirm", "change-complete", "inquiry-changed", "ended", "closed"),
    *("renewal", "renewal-expired", "renewal-handover", "renewal-exchange-found"),
    *("renewal-confirm", "renewal-complete"),
)
"""Each page once, and again where it has something to tell."""
_COLOURS: Final = (
    "24"  # flat areas and the grey of letters' edges: a third of the bytes, and the eye sees no difference
)


def main(argv: list[str]) -> int:
    directory = Path(argv[0])
    asyncio.run(pictures.take(directory, DOCUMENTED))
    window_pictures(directory, [])
    consent_pictures(directory, [])
    for picture in sorted(directory.glob("*.png")):
        _shrink(picture)
    return 0


def _shrink(picture: Path) -> None:
    reduced = ("-strip", "+dither", "-colors", _COLOURS, "-define", "png:compression-level=9")
    subprocess.run(["convert", str(picture), *reduced, f"png8:{picture}"], check=True, timeout=60)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
