"""The handler of `card-bridge:` links for one user of Windows, below HKEY_CURRENT_USER.

Microsoft, "Registering an Application to a URI Scheme". A user's own classes come before everybody's, which an
installer registers.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import subprocess
import winreg
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tray.link.registration import Found, Holder

_SCHEME: Final = r"Software\Classes\card-bridge"
_PARTS: Final = (rf"{_SCHEME}\shell\open\command", rf"{_SCHEME}\shell\open", rf"{_SCHEME}\shell", _SCHEME)
_COMMAND: Final = _PARTS[0]
_NAME: Final = "URL:Card Bridge"
"""By which a registration is known as ours, wherever its program lies."""


class UserClasses:
    """`program`: what a link starts, without a place for the address (%1)."""

    def __init__(self, program: Sequence[str]) -> None:
        self._command = subprocess.list2cmdline(without_console(program))

    def install(self) -> None:
        """Everybody's registration of ours will do: one of the user's own would outlive it."""
        if self.find().holder is Holder.EVERYBODY:
            return
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _SCHEME) as key:
            winreg.SetValueEx(key, "", 0, winreg.REG_SZ, _NAME)
            winreg.SetValueEx(key, "URL Protocol", 0, winreg.REG_SZ, "")
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _COMMAND) as key:
            winreg.SetValueEx(key, "", 0, winreg.REG_SZ, self._command)

    def uninstall(self) -> None:
        """Takes away what is ours; another program's registration stays."""
        if _value(winreg.HKEY_CURRENT_USER, _SCHEME) == _NAME:
            for part in _PARTS:
                with contextlib.suppress(FileNotFoundError):
                    winreg.DeleteKey(winreg.HKEY_CURRENT_USER, part)

    def find(self) -> Found:
        for root, holder in ((winreg.HKEY_CURRENT_USER, Holder.OURS), (winreg.HKEY_LOCAL_MACHINE, Holder.EVERYBODY)):
            name, command = _value(root, _SCHEME), _value(root, _COMMAND)
            if command is not None:
                ours = name == _NAME and (holder is Holder.EVERYBODY or command == self._command)
                return Found(holder if ours else Holder.OTHER, command)
        return Found(Holder.NOBODY)


def without_console(program: Sequence[str]) -> list[str]:
    """pythonw.exe where it lies beside python.exe: a link opens no console window."""
    path, *arguments = Path(program[0]), *program[1:]
    silent = path.with_name("pythonw.exe")
    return [str(silent if path.name.lower() == "python.exe" and silent.is_file() else path), *arguments]


def _value(root: int, key: str) -> str | None:
    """A key's unnamed value, where it is a text."""
    try:
        with winreg.OpenKey(root, key) as opened:
            value, kind = winreg.QueryValueEx(opened, "")
    except FileNotFoundError:
        return None
    return value if kind == winreg.REG_SZ else None
