"""What the installer was told, once it stands in the registry: whether it can be used, and browsers' policies by it."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

from typing import Any

from bridge.origin import is_acceptable
from bridge.settings import SettingsError, registry
from tray.browsers import windows as policies
from tray.browsers.hive import texts
from tray.browsers.texts import standing
from tray.installation import windows_event

_OWN_KEY = r"SOFTWARE\Card Bridge"


def check() -> int:
    """By the rules of the settings themselves: with a wrong one no bridge would start."""
    try:
        for key in _told():
            print(f"{key}: can be used")
    except SettingsError as error:
        return _fail(str(error))
    return 0


def browsers() -> int:
    """Exactly ALLOWED_ORIGINS with BROWSER_POLICY=1, else nothing of ours; as before where a list cannot be written."""
    wanted = texts(_OWN_KEY).get("BROWSER_POLICY") == "1"
    origins = _told().get("origins.allowed", ()) if wanted else ()
    for origin in origins:
        if not is_acceptable(origin, development=False):
            return _fail(f"ALLOWED_ORIGINS: {origin} cannot be allowed by browsers' policies")
    try:
        found = policies.allow(origins)
    except OSError as error:
        return _fail(
            f"Browsers' policies cannot be written ({error.strerror}) and stand as before. "
            r"See who may write below HKLM\SOFTWARE\Policies, or install with BROWSER_POLICY=0."
        )
    for each in found:
        print(standing("en", each))
    return int(not all(each.in_force for each in found))


def _told() -> dict[str, Any]:
    """Raises SettingsError."""
    place = registry.shown(registry.INSTALLER)
    found = registry.read(registry.INSTALLER)
    return {} if found is None else registry.settings_of(place, found, split=True)


def _fail(reason: str) -> int:
    print(reason)
    windows_event.report(f"Card Bridge cannot be installed like this. {reason}")
    return 1
