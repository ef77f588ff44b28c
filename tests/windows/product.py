"""The MSI under test, others of the same product, and where they put things."""

from __future__ import annotations

from pathlib import Path

import pytest

import installer.__main__ as building
from bridge.version import VERSION

ROOT = Path(__file__).parents[2]
FILE = ROOT / f"dist/card-bridge-{VERSION}-x64.msi"
FOLDER = "Program Files/Card Bridge"
DATA = "ProgramData/card-bridge"
COMMAND_LINE = r"C:\Program Files\Card Bridge\card-bridge-cli.exe"
PROGRAM = r"C:\Program Files\Card Bridge\card-bridge.exe"
RUN = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
PROGRAMS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
SCHEME = r"HKLM\SOFTWARE\Classes\card-bridge"
OWN_KEY = r"HKLM\SOFTWARE\Card Bridge"
POLICY = r"HKLM\SOFTWARE\Policies\CardBridge"
ENTRY = "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Card Bridge.lnk"
"""In a person's folder: Wine's Start menu for all users is the user's own."""


def windows_path(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


MSI = windows_path(FILE)


def build(version: str, directory: Path) -> str:
    """The same files as another version's MSI."""
    stamps = ROOT / ".stamps"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "VERSION", version)
        given = building.arguments([*map(str, (stamps / "windows-python", stamps / "windows-libraries", directory))])
        return windows_path(building.build(given, None))
