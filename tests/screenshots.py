"""`make screenshots`: the portal's screens and every window, as pictures for the docs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.browser import developers_screenshots, pictures
from tests.desktop import tray_screenshots
from tests.desktop.consent_screenshots import main as consent_pictures
from tests.desktop.screenshots import main as window_pictures
from tests.desktop.setup_window import main as setup_pictures
from tests.windows import dialog_screenshots

DOCUMENTED: Final = (
    *("entrance", "entrance-print", "first-time", "setup", "accessibility", "divisions", "business", "later"),
    *("start", "start-unprepared", "verification"),
    *("menu", "menu-wrong-pin", "search", "search-wrong", "form", "confirm", "complete"),
    *("sheet", "change", "change-confirm", "change-complete", "inquiry-changed", "ended", "closed"),
    *("renewal", "renewal-expired", "renewal-handover", "renewal-exchange-found"),
    *("renewal-confirm", "renewal-complete"),
)
"""Each page once, and again where it has something to tell."""
OFFICERS: Final = (
    *("officers-login", "officers-search", "officers-registration", "officers-decision", "officers-evidence"),
    *("officers-log", "officers-notices", "officers-emergency", "officers-stopped"),
)
"""The officers' pages in their guide."""
# The portal's colours (tokens.css), and greys for the edges of letters: 16 are half a byte for each pixel.
_PORTAL: Final = (
    *("#fff", "#f2f2f2", "#ccc", "#999", "#666", "#333", "#1a1a1a"),
    *("#0017c1", "#e8f1fe", "#ffd43d", "#197a4b", "#e6f5ec", "#ce0000", "#fdeeee", "#927200", "#fbf5e0"),
)
_WINDOW: Final = ("-colors", "24")
_TRIM: Final = ("-bordercolor", "black", "-border", "1", "-trim", "+repage")
"""A window without the empty screen around it: a picture in a guide is of the window."""


def main(argv: list[str]) -> int:
    directory = Path(argv[0])
    asyncio.run(pictures.take(directory, (*DOCUMENTED, *OFFICERS)))
    asyncio.run(developers_screenshots.take(directory))
    dialog_screenshots.take(directory)
    tray_screenshots.take(directory)
    window_pictures(directory, [])
    consent_pictures(directory, [])
    setup_pictures(directory, ["setup-browser-ja"])
    for picture in sorted(directory.glob("*.png")):
        _shrink(picture)
    return 0


def _shrink(picture: Path) -> None:
    """A third of the bytes, and the eye sees no difference."""
    portal = ("(", *(f"xc:{colour}" for colour in _PORTAL), "+append", "-write", "mpr:palette", "+delete", ")")
    before: tuple[str, ...]
    reduced: tuple[str, ...]
    before, reduced = (portal, ("-remap", "mpr:palette")) if picture.name.startswith("portal-") else ((), _WINDOW)
    if not picture.name.startswith(("portal-", "small-screen-")):  # where the size of the screen is what is shown
        reduced = (*_TRIM, *reduced)
    command = ("convert", *before, str(picture), "-strip", "+dither", *reduced)
    bits = ("-define", "png:bit-depth=4") if before else ()
    subprocess.run([*command, *bits, "-define", "png:compression-level=9", f"png8:{picture}"], check=True, timeout=60)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
