"""HKEY_LOCAL_MACHINE as lists need it: texts under names, and keys that go when they are empty. All raise OSError."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import winreg
from collections.abc import Iterator
from typing import Any

_ROOT = winreg.HKEY_LOCAL_MACHINE
_READ = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
_WRITE = winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY


def texts(path: str) -> dict[str, str]:
    """Name → text; none where there is no such key. What is no text is left out."""
    return {name: data for name, data, kind in _values(path) if kind == winreg.REG_SZ}


def names(path: str) -> list[str]:
    """Of all values, whatever they hold."""
    return [name for name, _, _ in _values(path)]


def write(path: str, name: str, text: str) -> None:
    with winreg.CreateKeyEx(_ROOT, path, 0, _WRITE) as key:
        winreg.SetValueEx(key, name, 0, winreg.REG_SZ, text)


def delete(path: str, name: str) -> None:
    """A value that is not there is none the less."""
    with contextlib.suppress(FileNotFoundError), winreg.OpenKey(_ROOT, path, 0, _WRITE) as key:
        winreg.DeleteValue(key, name)


def exists(path: str) -> bool:
    try:
        with winreg.OpenKey(_ROOT, path, 0, _READ):
            return True
    except FileNotFoundError:
        return False


def delete_if_empty(path: str) -> None:
    try:
        with winreg.OpenKey(_ROOT, path, 0, _READ) as key:
            keys, values, _ = winreg.QueryInfoKey(key)
    except FileNotFoundError:
        return
    if not keys and not values:
        winreg.DeleteKeyEx(_ROOT, path, winreg.KEY_WOW64_64KEY)


def _values(path: str) -> Iterator[tuple[str, Any, int]]:
    try:
        with winreg.OpenKey(_ROOT, path, 0, _READ) as key:
            yield from [winreg.EnumValue(key, number) for number in range(winreg.QueryInfoKey(key)[1])]
    except FileNotFoundError:
        return
