"""What the bridge's settings come to on this Windows while its registry holds certain values.

`python windows_settings.py LIBRARIES`: from standard input the values as JSON, [key below
HKEY_LOCAL_MACHINE, name, kind of winnt.h, data] each; a JSON line with the settings, or with the error's texts. The
values' keys are gone afterwards.
"""

from __future__ import annotations

import json
import sys

assert sys.platform == "win32"

import winreg

sys.path += sys.argv[1:]

from bridge import settings

_ROOTS = (r"SOFTWARE\Policies\CardBridge", r"SOFTWARE\Card Bridge\Settings")


def write(values: list[tuple[str, str, int, object]]) -> None:
    for path, name, kind, data in values:
        with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, path, 0, winreg.KEY_WRITE | winreg.KEY_WOW64_64KEY) as key:
            winreg.SetValueEx(key, name, 0, kind, data)


def forget(path: str) -> None:
    access = winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, access) as key:
            below = [winreg.EnumKey(key, n) for n in range(winreg.QueryInfoKey(key)[0])]
    except FileNotFoundError:
        return
    for name in below:
        forget(rf"{path}\{name}")
    winreg.DeleteKeyEx(winreg.HKEY_LOCAL_MACHINE, path, access)


def outcome() -> dict[str, object]:
    try:
        loaded = settings.load()
    except settings.SettingsError as error:
        return {"ja": error.text("ja"), "en": error.text("en")}
    values = {key: getattr(getattr(loaded, key.split(".")[0]), key.split(".")[1]) for key, _ in loaded.sources}
    return {"values": values, "sources": dict(loaded.sources)}


if __name__ == "__main__":
    write(json.load(sys.stdin))
    try:
        print(json.dumps(outcome()), flush=True)
    finally:
        for root in _ROOTS:
            forget(root)
