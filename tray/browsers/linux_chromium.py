"""Chromium, Chrome and Edge on Linux: a policy file of our own beside others'.

Of two files that set the same list they take one: where an administrator's does, the sites have to be added there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from certs.errors import PolicyRefused
from certs.trust import files
from certs.trust.chromium_policy import BROWSERS, Browser
from tray.browsers.policies import CHROMIUM, Standing

_FILE: Final = "card-bridge-sites.json"


def allow(origins: list[str]) -> None:
    for browser in (each for each in BROWSERS if each.present):
        policy = {each.name: [each.form.of(origin) for origin in origins] for each in CHROMIUM}
        files.write_policy(_ours(browser), policy)


def revoke() -> None:
    for browser in BROWSERS:
        files.remove(_ours(browser), up_to=browser.base)


def status() -> Iterator[Standing]:
    for browser in BROWSERS:
        listed = files.read_policy(_ours(browser))
        for name in (each.name for each in CHROMIUM if each.name in listed):
            rival = _rival(browser, name)
            for entry in listed[name]:
                yield Standing(f"{browser.managed}: {name}", str(entry), not rival, rival)


def _ours(browser: Browser) -> Path:
    return browser.managed / _FILE


def _rival(browser: Browser, name: str) -> str:
    """Another file that sets this list; empty: there is none."""
    for other in sorted(browser.managed.glob("*.json")):
        try:
            if other != _ours(browser) and name in files.read_policy(other):
                return str(other)
        except PolicyRefused:
            continue  # what the browser cannot read, it does not follow either
    return ""
