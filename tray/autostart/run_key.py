r"""Start at log-on for one user of Windows: HKCU\…\CurrentVersion\Run, beside the installer's for all users in HKLM.

Microsoft, "Run and RunOnce Registry Keys". Task Manager keeps a person's no to one of their own entries in
StartupApproved\Run: twelve bytes, the first of them odd for a no. The policies that let no such entry start are
DisableCurrentUserRun and DisableLocalMachineRun.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import subprocess
import winreg
from collections.abc import Sequence
from typing import Any, Final

from tray.autostart.start import Found, Start
from tray.link.registry import without_console

NAME: Final = "Card Bridge"
"""The installer's value has the same name (installer/wix/registry.py)."""
_CURRENT: Final = r"Software\Microsoft\Windows\CurrentVersion"
RUN: Final = rf"{_CURRENT}\Run"
APPROVED: Final = rf"{_CURRENT}\Explorer\StartupApproved\Run"
POLICIES: Final = rf"{_CURRENT}\Policies\Explorer"
_USER, _COMPUTER = winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE


class RunKey:
    """`program`: what is started."""

    def __init__(self, program: Sequence[str]) -> None:
        self._command = subprocess.list2cmdline(without_console(program))

    def switch(self, *, on: bool) -> None:
        """The installer's entry stays: it is the computer's, and administrators switch it (AUTOSTART=0)."""
        _delete(APPROVED)
        if not on or self.find().start is Start.EVERYBODY:
            _delete(RUN)
            return
        with winreg.CreateKey(_USER, RUN) as key:
            winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, self._command)

    def find(self) -> Found:
        if _value(_COMPUTER, RUN) is not None and not _forbidden("DisableLocalMachineRun"):
            return Found(Start.EVERYBODY, rf"HKLM\{RUN}")
        if _forbidden("DisableCurrentUserRun"):
            return Found(Start.FORBIDDEN, rf"{POLICIES}, DisableCurrentUserRun")
        if _value(_USER, RUN) is None:
            return Found(Start.OFF)
        refused = _value(_USER, APPROVED)
        is_off = isinstance(refused, bytes) and bool(refused) and bool(refused[0] & 1)
        return Found(Start.OFF if is_off else Start.ON, rf"HKCU\{APPROVED if is_off else RUN}")


def _forbidden(policy: str) -> bool:
    return any(_value(root, POLICIES, policy) == 1 for root in (_COMPUTER, _USER))


def _value(root: int, key: str, name: str = NAME) -> Any:
    """None: there is none."""
    with contextlib.suppress(FileNotFoundError), winreg.OpenKey(root, key) as opened:
        return winreg.QueryValueEx(opened, name)[0]
    return None


def _delete(key: str) -> None:
    """The person's own value, if there is one."""
    with contextlib.suppress(FileNotFoundError), winreg.OpenKey(_USER, key, 0, winreg.KEY_SET_VALUE) as opened:
        winreg.DeleteValue(opened, NAME)
