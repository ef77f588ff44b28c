"""The demo's browser: a profile of its own that trusts the demo's two roots, so that nothing else is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

from certs import store
from certs.trust.nss import NssStore

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")


def has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_page(root: Path, certificates: tuple[Path, ...], address: str) -> None:
    """Open the address where there is a browser and a display; else leave it to the printed line."""
    if not has_display():
        return
    chromium = next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)
    if sys.platform == "linux" and chromium and shutil.which("certutil"):
        home = prepare_home(root / "browser", certificates)
        # What a browser says to its terminal would push the instructions out of sight.
        subprocess.Popen(
            [chromium, *flags(home), address],
            env={**os.environ, "HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    else:
        webbrowser.open(address)


def prepare_home(home: Path, certificates: tuple[Path, ...]) -> Path:
    """A home directory whose NSS database trusts the roots. Returns it."""
    trust = NssStore([home / ".pki" / "nssdb"])
    for directory in certificates:
        trust.install(store.load(directory).root)
    return home


def flags(home: Path) -> list[str]:
    """Of the browser's own start: a fresh profile, no first-run pages; no certificate flag."""
    # Chromium's sandbox does not start as root; a demo machine may have no other user.
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [f"--user-data-dir={home / 'profile'}", "--no-first-run", "--no-default-browser-check", *as_root]
