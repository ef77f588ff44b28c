"""Pictures of the consent window: `python -m tests.desktop.consent_screenshots DIR [NAME…]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tests.desktop import wine
from tests.desktop.consent import TITLES, ConsentWindow
from tests.desktop.display import display, find_window, screenshot, wait_gone
from tests.desktop.window import OWN, System


class Picture(NamedTuple):
    name: str
    changes: dict[str, Any]


_FOREIGN = {"origin": "https://xn--ebd-khd.example"}
_LONG = {"origin": "https://" + ".".join(["ebid-portal-of-a-very-long-name"] * 7) + ".example:8443"}
PICTURES = (
    Picture("consent-ja", {}),
    Picture("consent-en", {"language": "en"}),
    Picture("consent-punycode-ja", _FOREIGN),
    Picture("consent-punycode-en", {**_FOREIGN, "language": "en"}),
    Picture("consent-last-minute-ja", {"timeoutSeconds": 45}),
    Picture("consent-long-ja", _LONG),
)


ON_WINDOWS = ("consent-ja", "consent-en")
"""Pictured on Windows too, as windows-NAME."""


def main(directory: Path, names: list[str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with display() as screen:
        for picture in PICTURES:
            if not names or picture.name in names:
                _take(System(screen, OWN), picture, directory / f"{picture.name}.png")
        on_windows = [each for each in PICTURES if each.name in ON_WINDOWS]
        on_windows = [each for each in on_windows if not names or f"windows-{each.name}" in names]
        if on_windows:
            with tempfile.TemporaryDirectory() as home, wine.windows(screen, Path(home)) as env:
                for picture in on_windows:
                    _take(System(env, wine.COMMAND), picture, directory / f"windows-{picture.name}.png")


def _take(system: System, picture: Picture, path: Path) -> None:
    window = ConsentWindow(system, **picture.changes)
    window.wait_ready()
    screenshot(system.env, path, find_window(system.env, TITLES))
    window.end()
    wait_gone(system.env, TITLES)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
