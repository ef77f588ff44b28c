"""The registry itself."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import winreg

from bridge.settings import errors
from bridge.settings.registry import Key, Value, shown

# A 32-bit card host reads what 64-bit programs read.
_ACCESS = winreg.KEY_READ | winreg.KEY_WOW64_64KEY


def read(path: str) -> Key | None:
    """A key below HKEY_LOCAL_MACHINE; None where there is none. Raises SettingsError."""
    try:
        return _key(winreg.HKEY_LOCAL_MACHINE, path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.unreadable(shown(path), error) from error


def _key(above: winreg.HKEYType | int, name: str) -> Key:
    with winreg.OpenKey(above, name, 0, _ACCESS) as key:
        below, count, _ = winreg.QueryInfoKey(key)
        values = {name: Value(kind, data) for name, data, kind in (winreg.EnumValue(key, n) for n in range(count))}
        names = [winreg.EnumKey(key, n) for n in range(below)]
        return Key(values, {each: _key(key, each) for each in names})
