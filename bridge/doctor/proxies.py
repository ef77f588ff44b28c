"""Proxy settings that send localhost away from this computer.

Chromium goes to localhost directly, whatever proxy is set and also with a script (PAC), unless the list of exceptions
holds `<-loopback>`: measured in tests/browser/test_proxies.py. Firefox does, unless one preference says otherwise.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from bridge.doctor import registry
from bridge.doctor.check import Check
from bridge.doctor.policies import Family, Found
from bridge.doctor.registry import Hive

_LOOPBACK: Final = "<-loopback>"
_HIJACK: Final = "network.proxy.allow_hijacking_localhost"
_INTERNET: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings"
_VARIABLES: Final = ("https_proxy", "http_proxy", "all_proxy")
_PROFILES: Final = (
    ".mozilla/firefox/*",
    ".config/mozilla/firefox/*",
    "snap/firefox/common/.mozilla/firefox/*",
    "AppData/Roaming/Mozilla/Firefox/Profiles/*",
    "Library/Application Support/Firefox/Profiles/*",
)
_GSETTINGS_SECONDS: Final = 2.0


class Setting(NamedTuple):
    """One place that says something of a proxy."""

    place: str
    used: bool
    """A proxy is set here at all."""
    takes_localhost: bool
    key: str
    """What an administrator has to change."""


def examine(settings: Iterable[Setting]) -> Iterator[Check]:
    known = tuple(settings)
    for each in known:
        if each.takes_localhost:
            yield Check(
                "proxy",
                False,
                f"プロキシの設定が、このPCのソフトへの接続（localhost）をプロキシに送っています: {each.place}。"
                f"{each.key} を外すよう、管理者に依頼してください。",
                f"A proxy setting sends connections to this computer's own programs (localhost) to the proxy: "
                f"{each.place}. Have {each.key} taken out of it.",
            )
    used = ", ".join(each.place for each in known if each.used)
    if not any(each.takes_localhost for each in known):
        ja = (
            f"プロキシを使っています（{used}）。カードブリッジへの接続には影響しません"
            if used
            else "プロキシの設定はありません"
        )
        en = f"a proxy is in use ({used}); it does not concern the bridge" if used else "no proxy is set"
        yield Check("proxy", True, ja, en)


def found(browsers: Iterable[Found], home: Path, environment: Mapping[str, str] = os.environ) -> Iterator[Setting]:
    for each in browsers:
        yield from _policy(each)
    yield from _firefox_profiles(home)
    if sys.platform == "win32":
        yield from (_internet_settings(hive) for hive in Hive)
    else:
        yield _variables(environment)
        yield from _desktop()


def _policy(found: Found) -> Iterator[Setting]:
    name, values = found.browser.name, found.values
    if found.browser.family is Family.FIREFOX:
        preference = values.get("Preferences", {}).get(_HIJACK)
        hijacks = preference is True or (isinstance(preference, dict) and preference.get("Value") is True)
        yield Setting(f"{name} (policies)", "Proxy" in values, hijacks, _HIJACK)
        return
    inner = values.get("ProxySettings")
    merged: dict[str, Any] = {**values, **(inner if isinstance(inner, dict) else {})}
    used = merged.get("ProxyMode", "system") in ("fixed_servers", "pac_script", "auto_detect") or any(
        merged.get(key) for key in ("ProxyServer", "ProxyPacUrl")
    )
    listed = str(merged.get("ProxyBypassList", ""))
    yield Setting(f"{name} (ProxyBypassList)", used, used and _LOOPBACK in listed, _LOOPBACK)


def _firefox_profiles(home: Path) -> Iterator[Setting]:
    line = re.compile(rf'^\s*user_pref\("{re.escape(_HIJACK)}",\s*true\);', re.MULTILINE)
    for pattern in _PROFILES:
        for file in (each for name in ("prefs.js", "user.js") for each in sorted(home.glob(f"{pattern}/{name}"))):
            if line.search(file.read_text(encoding="utf-8", errors="replace")):
                yield Setting(str(file), used=False, takes_localhost=True, key=_HIJACK)


def _variables(environment: Mapping[str, str]) -> Setting:
    lower = {name.lower(): value for name, value in environment.items()}
    used = any(lower.get(name) for name in _VARIABLES)
    return Setting("https_proxy, no_proxy", used, used and _LOOPBACK in lower.get("no_proxy", ""), _LOOPBACK)


def _desktop() -> Iterator[Setting]:
    """GNOME and its kin: `mode` and `ignore-hosts` of org.gnome.system.proxy."""
    if shutil.which("gsettings") is None:
        return
    command = ["gsettings", "list-recursively", "org.gnome.system.proxy"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_GSETTINGS_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    values = {key: value for _, key, value in (line.split(" ", 2) for line in done.stdout.splitlines())}
    used = values.get("mode", "'none'") != "'none'"
    yield Setting("org.gnome.system.proxy", used, used and _LOOPBACK in values.get("ignore-hosts", ""), _LOOPBACK)


def _internet_settings(hive: Hive) -> Setting:
    """Windows' own: Chrome and Edge follow them where no policy says otherwise."""
    values = registry.read(hive, _INTERNET)
    used = values.get("ProxyEnable") == 1 or bool(values.get("AutoConfigURL"))
    takes = values.get("ProxyEnable") == 1 and _LOOPBACK in str(values.get("ProxyOverride", ""))
    return Setting(f"{hive.value}\\Internet Settings", used, takes, _LOOPBACK)
