"""Pictures of the consent window: `python -m tests.desktop.consent_screenshots DIR [NAME…]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

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


def main(directory: Path, names: list[str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with display() as env:
        for picture in [picture for picture in PICTURES if not names or picture.name in names]:
            window = ConsentWindow(System(env, OWN), **picture.changes)
            window.wait_ready()
            screenshot(env, directory / f"{picture.name}.png", find_window(env, TITLES))
            window.end()
            wait_gone(env, TITLES)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
