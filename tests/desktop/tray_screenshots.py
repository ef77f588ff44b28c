"""Pictures of the icon's menu, in both languages, with what it says of a card: DIR/menu-ja.png, DIR/menu-en.png."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.desktop.display import display, press, screenshot, tray_host
from tests.desktop.test_tray_icon import program, wait_for_icon
from tests.desktop.tray_menu import open_menu


def take(directory: Path) -> None:
    for language in ("ja", "en"):
        _take(directory / f"menu-{language}.png", language)


def _take(picture: Path, language: str) -> None:
    with display() as env:
        env.pop("DBUS_SESSION_BUS_ADDRESS", None)  # so that the classic tray is used
        with tray_host(env), program(env, language):
            wait_for_icon(env, picture.parent)
            open_menu(env)
            press(env, "Down", "Down", "Down", "Right")
            time.sleep(1)
            screenshot(env, picture)
    (picture.parent / "now.png").unlink()
    trim = ("-bordercolor", "black", "-border", "1", "-trim", "+repage")
    subprocess.run(["convert", str(picture), *trim, str(picture)], check=True, timeout=60)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
