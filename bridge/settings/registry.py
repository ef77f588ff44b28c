r"""Settings in Windows' registry: HKEY_LOCAL_MACHINE, which administrators alone can write.

A section is a key below the root, a setting a value in it: REG_DWORD for numbers and for yes (1) and no (0), REG_SZ for
texts. A list is a key with the values 1, 2, 3, …, as policies write it, or one REG_MULTI_SZ; what the installer was
told may also be one REG_SZ with `;` between the parts, as its properties are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import partial
from typing import Any, Final, NamedTuple

from bridge.settings import errors
from bridge.settings.errors import Words
from bridge.settings.values import checked, default_of

POLICY: Final = r"SOFTWARE\Policies\CardBridge"
INSTALLER: Final = r"SOFTWARE\Card Bridge\Settings"
_EXPECTED: Final = {
    bool: Words("REG_DWORD の 0 または 1", "0 or 1 as REG_DWORD"),
    int: Words("整数（REG_DWORD）", "an integer as REG_DWORD"),
    float: Words("整数（REG_DWORD）", "an integer as REG_DWORD"),
    str: Words("文字列（REG_SZ）", "a string as REG_SZ"),
    tuple: Words(
        "値の名前が 1、2、3… である REG_SZ を並べたキー、または REG_MULTI_SZ",
        "a key whose values are named 1, 2, 3, … as REG_SZ, or a REG_MULTI_SZ",
    ),
}


class Kind(IntEnum):
    """winnt.h, of those that a setting may have."""

    REG_SZ = 1
    REG_DWORD = 4
    REG_MULTI_SZ = 7


class Value(NamedTuple):
    kind: int
    """A Kind, or another number of winnt.h."""
    data: Any


class Key(NamedTuple):
    """A key of the registry with all that is below it."""

    values: dict[str, Value]
    keys: dict[str, Key]


def settings_of(place: str, root: Key, *, split: bool = False) -> dict[str, Any]:
    """Flat, from `section.name` to the value in its type. `split`: a list may be one text with `;` in it.

    Keys without values count for nothing: they stay behind when a policy is taken back. Raises SettingsError.
    """
    for name in root.values:
        raise errors.unknown_section(place, name, "bridge, origins, card, pin, tls, log")
    return dict(pair for section, key in root.keys.items() for pair in _section(place, section.lower(), key, split))


def _section(place: str, section: str, key: Key, split: bool) -> Iterator[tuple[str, Any]]:
    for name, value in key.values.items():
        yield _setting(place, section, name.lower(), partial(_plain, value, split=split))
    for name, below in key.keys.items():
        if below.values or below.keys:
            yield _setting(place, section, name.lower(), partial(_list, below))


def _setting(place: str, section: str, name: str, read: Callable[[type[Any]], Any | None]) -> tuple[str, Any]:
    wanted = type(default_of(place, section, name))
    plain = read(wanted)
    if plain is None:
        raise errors.wrong(place, f"{section}.{name}", _EXPECTED[wanted])
    return f"{section}.{name}", checked(place, f"{section}.{name}", plain)


def _plain(value: Value, wanted: type[Any], *, split: bool) -> Any | None:
    """As TOML would have it; None: not of a kind that this setting may have."""
    match value.kind, value.data:
        case Kind.REG_DWORD, 0 | 1 if wanted is bool:
            return value.data == 1
        case Kind.REG_DWORD, int() if wanted in (int, float):
            return value.data
        case Kind.REG_SZ, str() if wanted is str:
            return value.data
        case Kind.REG_MULTI_SZ, list() if wanted is tuple:
            return value.data
        case Kind.REG_SZ, str() if wanted is tuple and split:
            return [part for each in value.data.split(";") if (part := each.strip())]
    return None


def _list(key: Key, wanted: type[Any]) -> list[str] | None:
    """In the order of the values' numbers, which the registry does not keep."""
    numbered = all(name.isdecimal() and value.kind == Kind.REG_SZ for name, value in key.values.items())
    if wanted is not tuple or not numbered or key.keys:
        return None
    return [key.values[name].data for name in sorted(key.values, key=int)]


def read(path: str) -> Key | None:
    """A key below HKEY_LOCAL_MACHINE as 64-bit programs see it; None where there is none. Raises SettingsError."""
    found: Key | None = None
    if sys.platform == "win32":
        from bridge.settings import windows

        found = windows.read(path)
    return found


def shown(path: str) -> str:
    return rf"HKLM\{path}"
