"""What the doctor reads of Windows' registry, both the machine's and the person's own part; elsewhere nothing."""

from __future__ import annotations

import contextlib
import sys
from enum import Enum
from typing import Any


class Hive(Enum):
    MACHINE = "HKLM"
    USER = "HKCU"


def read(hive: Hive, path: str) -> dict[str, Any]:
    """The values of a key by name, and of each key below it the list of its values; empty where there is none.

    What cannot be read counts as absent: a person may not read every key of an administrator's.
    """
    found: dict[str, Any] = {}
    if sys.platform == "win32":
        import winreg

        roots = {Hive.MACHINE: winreg.HKEY_LOCAL_MACHINE, Hive.USER: winreg.HKEY_CURRENT_USER}
        with contextlib.suppress(OSError), winreg.OpenKey(roots[hive], path, 0, _access()) as key:
            below, count, _ = winreg.QueryInfoKey(key)
            found = {name: data for name, data, _ in (winreg.EnumValue(key, n) for n in range(count))}
            for name in [winreg.EnumKey(key, n) for n in range(below)]:
                found[name] = list(read(hive, rf"{path}\{name}").values())
    return found


def _access() -> int:
    access = 0
    if sys.platform == "win32":
        import winreg

        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    return access
