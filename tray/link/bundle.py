"""The handler of `card-bridge:` links for one user of macOS: an application bundle that names the scheme.

Apple, "Information Property List Key Reference", CFBundleURLTypes. Links come to an application as an Apple event,
never as an argument; ours is a script that takes no events.
"""

from __future__ import annotations

import plistlib
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bridge.version import VERSION
from tray.link.registration import Found, Holder

NAME: Final = "Card Bridge Link.app"
_PROGRAM: Final = "card-bridge-link"
_REGISTER: Final = Path(
    "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister"
)


class Bundle:
    """In the user's own applications folder. `register`: Launch Services' tool."""

    def __init__(self, applications: Path, program: Sequence[str], register: Path = _REGISTER) -> None:
        self._place = applications / NAME
        self._register = register
        self._files = {
            "Contents/Info.plist": plistlib.dumps(_information()),
            f"Contents/MacOS/{_PROGRAM}": f"#!/bin/sh\nexec {shlex.join(program)}\n".encode(),
        }

    def install(self) -> None:
        for name, content in self._files.items():
            path = self._place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (self._place / "Contents/MacOS" / _PROGRAM).chmod(0o755)
        self._tell("-f")

    def uninstall(self) -> None:
        if self._place.is_dir():
            self._tell("-u")
            shutil.rmtree(self._place)

    def find(self) -> Found:
        """Which application macOS prefers where two name the scheme, its tools do not tell."""
        same = all(_read(self._place / name) == content for name, content in self._files.items())
        return Found(Holder.OURS, str(self._place)) if same else Found(Holder.NOBODY)

    def _tell(self, option: str) -> None:
        command = [str(self._register), option, str(self._place)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=60)
        if done.returncode != 0:
            raise OSError(done.returncode, done.stderr.decode(errors="replace").strip(), str(self._register))


def _information() -> dict[str, object]:
    return {
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundlePackageType": "APPL",
        "CFBundleIdentifier": "card-bridge.link",
        "CFBundleName": "Card Bridge",
        "CFBundleExecutable": _PROGRAM,
        "CFBundleVersion": VERSION,
        "CFBundleShortVersionString": VERSION,
        "LSUIElement": True,  # no place in the Dock
        "CFBundleURLTypes": [{"CFBundleURLName": "Card Bridge", "CFBundleURLSchemes": ["card-bridge"]}],
    }


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
