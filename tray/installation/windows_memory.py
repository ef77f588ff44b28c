"""Between the end of an upgrade's old bridges and the start of new ones: whose, in the machine's registry."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import winreg
from collections.abc import Iterable
from typing import Final

_KEY: Final = r"SOFTWARE\Card Bridge"
_VALUE: Final = "Restart"


def keep(sessions: Iterable[int]) -> None:
    """Raises OSError."""
    if numbers := " ".join(map(str, sorted(sessions))):
        with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, _KEY) as key:
            winreg.SetValueEx(key, _VALUE, 0, winreg.REG_SZ, numbers)


def take() -> list[int]:
    """What was kept, and no longer is."""
    with contextlib.suppress(FileNotFoundError):
        access = winreg.KEY_READ | winreg.KEY_WRITE
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _KEY, 0, access) as key:
            numbers, _ = winreg.QueryValueEx(key, _VALUE)
            winreg.DeleteValue(key, _VALUE)
            return [int(number) for number in str(numbers).split()]
    return []
