"""Chromium and Firefox as Debian has them, each with a home of its own, opening one address.

They reach nothing outside this computer: what Firefox wants to fetch by itself goes to a proxy that is not there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.browser import chromium

ELSEWHERE: Final = "agency.example"
"""A name that both browsers look for on this computer."""

_PREFERENCES: Final = {
    "network.proxy.type": "1",
    "network.proxy.http": '"127.0.0.1"',
    "network.proxy.http_port": "9",
    "network.proxy.ssl": '"127.0.0.1"',
    "network.proxy.ssl_port": "9",
    "network.proxy.no_proxies_on": f'"localhost, 127.0.0.1, {ELSEWHERE}"',
    "network.dns.localDomains": f'"{ELSEWHERE}"',
    "datareporting.policy.dataSubmissionEnabled": "false",
    "browser.shell.checkDefaultBrowser": "false",
    "browser.aboutwelcome.enabled": "false",
}


class Browser(NamedTuple):
    """`database`: where it keeps what its user trusts, below the home."""

    programs: tuple[str, ...]
    options: tuple[str, ...]
    database: str


CHROMIUM: Final = Browser(
    ("chromium", "chromium-browser", "google-chrome"),
    (f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1", *chromium.FLAGS),
    ".pki/nssdb",
)
FIREFOX: Final = Browser(("firefox-esr", "firefox"), ("--no-remote",), ".mozilla/firefox/x.default")


def executable(browser: Browser) -> str | None:
    return next((path for name in browser.programs if (path := shutil.which(name))), None)


@contextlib.contextmanager
def visiting(
    browser: Browser,
    home: Path,
    address: str,
    *,
    within: Sequence[str] = (),
    preferences: Mapping[str, str] | None = None,
    screen: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """The browser shows the address while entered. `within`: a command that starts it on another system.

    `preferences`: Firefox's, by name, written as in its user.js. `screen`: the environment of the screen that the page
    fills; without one, nobody sees it.
    """
    profile = _profile(browser, home, preferences or {})
    shown = ["--headless"] if screen is None else ["--kiosk"]
    command = [*within, str(executable(browser)), *shown, *browser.options, *profile, address]
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **_display(screen)}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            yield
        finally:
            running.terminate()
            running.wait(timeout=30)


def _display(screen: Mapping[str, str] | None) -> dict[str, str]:
    return {} if screen is None else {"DISPLAY": screen["DISPLAY"], "GDK_BACKEND": "x11"}


def _profile(browser: Browser, home: Path, preferences: Mapping[str, str]) -> list[str]:
    if browser is CHROMIUM:
        as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        return [f"--user-data-dir={home / 'profile'}", *(["--no-sandbox"] if as_root else [])]
    profile = home / browser.database
    profile.mkdir(parents=True, exist_ok=True)
    _write_preferences(profile / "user.js", {**_PREFERENCES, **preferences})
    return ["--profile", str(profile)]


def _write_preferences(file: Path, preferences: Mapping[str, str]) -> None:
    file.write_text("".join(f'user_pref("{name}", {value});\n' for name, value in preferences.items()))
