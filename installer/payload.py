"""What is installed, laid out in a folder as it will stand on the PC, without anything that a run would have left.

card-bridge.exe, card-bridge-cli.exe    the launchers
runtime/                                the embeddable Python
lib/                                    libraries and our own packages
client/                                 the script that portals copy
PolicyDefinitions/                      the template for policies, which administrators copy
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final, NamedTuple

PACKAGES: Final = ("bridge", "certs", "tray")
POLICY: Final = "PolicyDefinitions"
CLIENT: Final = ("card-bridge.js", "card-bridge.d.ts")
SEARCH_PATH: Final = ("python313.zip", ".", r"..\lib")
"""An embeddable Python looks in these places, relative to itself, and nowhere else."""
_LEFTOVERS: Final = shutil.ignore_patterns("__pycache__", "*.pyc")


class Parts(NamedTuple):
    """Folders: our sources, the embeddable Python, the installed wheels, the launchers."""

    sources: Path
    runtime: Path
    libraries: Path
    launchers: Path


def stage(parts: Parts, target: Path) -> None:
    """Fills the empty or missing folder `target`. Raises OSError."""
    shutil.copytree(parts.launchers, target, dirs_exist_ok=True)
    shutil.copytree(parts.runtime, target / "runtime", ignore=_LEFTOVERS)
    search_path = "".join(f"{line}\r\n" for line in SEARCH_PATH)
    (target / "runtime/python313._pth").write_bytes(search_path.encode("ascii"))
    shutil.copytree(parts.libraries, target / "lib", ignore=_LEFTOVERS)
    # pip writes the wheels' commands for the system that it runs on: of no use on another.
    shutil.rmtree(target / "lib/bin", ignore_errors=True)
    for package in PACKAGES:
        shutil.copytree(parts.sources / package, target / "lib" / package, ignore=_LEFTOVERS)
    (target / "client").mkdir()
    for name in CLIENT:
        shutil.copy(parts.sources / "client" / name, target / "client" / name)


def files(payload: Path) -> list[str]:
    """Paths of all files in it, with slashes, sorted by their bytes."""
    return sorted(path.relative_to(payload).as_posix() for path in payload.rglob("*") if path.is_file())


def listing(payload: Path) -> str:
    """One line a file, as sha256sum(1) writes and checks them."""
    return "".join(f"{hashlib.sha256((payload / name).read_bytes()).hexdigest()}  {name}\n" for name in files(payload))
