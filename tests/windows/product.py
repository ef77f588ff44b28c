"""The MSI under test, others of the same product, and where they put things."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from pathlib import Path

from bridge.version import VERSION
from installer.wix import sql
from installer.wix.names import NAME, UPGRADE_CODE

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
    """The same files as another version's MSI: of the rows of a whole build, only those that name the version differ.

    Packing the files again would take as long as the tests that need it.
    """
    msi = Path(shutil.copy(FILE, directory / f"card-bridge-{version}-x64.msi"))
    product, package = ("{" + str(uuid.uuid4()).upper() + "}" for _ in range(2))
    upgrade = {"UpgradeCode": UPGRADE_CODE, "Language": ""}
    older, newer = "WIX_UPGRADE_DETECTED", "WIX_DOWNGRADE_DETECTED"
    queries = (
        sql.update("Property", "Property", "ProductVersion", "Value", version),
        sql.update("Property", "Property", "ProductCode", "Value", product),
        # Versions are parts of that table's keys, which an update cannot change.
        *(f"DELETE FROM `Upgrade` WHERE `ActionProperty`='{name}'" for name in (older, newer)),  # noqa: S608 - our own
        sql.insert("Upgrade", **upgrade, VersionMax=version, Attributes=1, ActionProperty=older),
        sql.insert("Upgrade", **upgrade, VersionMin=version, Attributes=2, ActionProperty=newer),
    )
    subprocess.run(["msibuild", str(msi), "-q", *queries], check=True)
    subprocess.run(["msibuild", str(msi), "-s", f"{NAME} {version}", NAME, "x64;1033", package], check=True)
    return windows_path(msi)
