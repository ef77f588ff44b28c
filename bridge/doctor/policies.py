"""What an administrator has told the browsers of this computer: Chromium's policies and Firefox's."""

from __future__ import annotations

import json
import plistlib
import shutil
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, NamedTuple

from bridge.doctor import registry
from bridge.doctor.registry import Hive


class Family(Enum):
    CHROMIUM = "chromium"
    FIREFOX = "firefox"


class Browser(NamedTuple):
    """One kind of browser, and where its policies are on each system."""

    name: str
    family: Family
    linux: str
    """Its folder of policies."""
    windows: str
    """Its key below Software\\Policies, and how its program is called."""
    program: str
    macos: str
    commands: tuple[str, ...]


class Found(NamedTuple):
    """A browser that is here. `broken`: files of policies that are no JSON, of which the browser reads nothing."""

    browser: Browser
    values: Mapping[str, Any]
    broken: tuple[str, ...] = ()


BROWSERS: Final = (
    Browser(
        "Chromium", Family.CHROMIUM, "/etc/chromium/policies", "Chromium", "chromium.exe", "org.chromium.Chromium",
        ("chromium", "chromium-browser"),
    ),
    Browser(
        "Google Chrome", Family.CHROMIUM, "/etc/opt/chrome/policies", "Google\\Chrome", "chrome.exe",
        "com.google.Chrome", ("google-chrome", "google-chrome-stable"),
    ),
    Browser(
        "Microsoft Edge", Family.CHROMIUM, "/etc/opt/edge/policies", "Microsoft\\Edge", "msedge.exe",
        "com.microsoft.Edge", ("microsoft-edge", "microsoft-edge-stable"),
    ),
    Browser(
        "Firefox", Family.FIREFOX, "/etc/firefox/policies", "Mozilla\\Firefox", "firefox.exe", "org.mozilla.firefox",
        ("firefox", "firefox-esr"),
    ),
)  # fmt: skip
_APP_PATHS: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths"
_MANAGED_PREFERENCES: Final = Path("/Library/Managed Preferences")
_APPLICATIONS: Final = Path("/Applications")


def found() -> Iterator[Found]:
    """The browsers of this computer, in a fixed order."""
    look = {"win32": _windows, "darwin": _macos}.get(sys.platform, _linux)
    for browser in BROWSERS:
        if (there := look(browser)) is not None:
            yield there


def _linux(browser: Browser) -> Found | None:
    folder = Path(browser.linux)
    if not folder.is_dir() and not any(map(shutil.which, browser.commands)):
        return None
    firefox = browser.family is Family.FIREFOX
    files = [folder / "policies.json"] if firefox else sorted((folder / "managed").glob("*.json"))
    values: dict[str, Any] = {}
    broken: list[str] = []
    for file in files:
        try:
            read = _object(file)
            values |= read.get("policies", {}) if firefox else read
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError):
            broken.append(str(file))
    return Found(browser, values, tuple(broken))


def _object(file: Path) -> dict[str, Any]:
    """Raises OSError, ValueError, TypeError."""
    read = json.loads(file.read_bytes())
    if not isinstance(read, dict):
        raise TypeError("not an object")
    return read


def _windows(browser: Browser) -> Found | None:
    path = rf"SOFTWARE\Policies\{browser.windows}"
    values = registry.read(Hive.USER, path) | registry.read(Hive.MACHINE, path)
    here = any(registry.read(hive, rf"{_APP_PATHS}\{browser.program}") for hive in Hive)
    return Found(browser, values) if values or here else None


def _macos(browser: Browser) -> Found | None:
    file = _MANAGED_PREFERENCES / f"{browser.macos}.plist"
    if not file.exists():
        return Found(browser, {}) if (_APPLICATIONS / f"{browser.name}.app").is_dir() else None
    try:
        return Found(browser, plistlib.loads(file.read_bytes()))
    except (OSError, plistlib.InvalidFileException):
        return Found(browser, {}, (str(file),))
