"""Run on Wine: gives a key of HKEY_LOCAL_MACHINE an access list by which everybody may read and nobody may write.

`python -m tests.desktop.windows_closed_key close|open KEY`. Organisations harden the keys of their policies like this.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import winreg

_LIST, _REVISION = 0x4, 1  # DACL_SECURITY_INFORMATION, SDDL_REVISION_1
_LISTS = {"close": "D:P(A;;KRWD;;;WD)", "open": "D:P(A;;KA;;;WD)"}  # WD twice: WRITE_DAC, and everybody
_WRITE_DAC = 0x40000
_advapi32 = ctypes.WinDLL("advapi32.dll", use_last_error=True)


def give(path: str, text: str) -> None:
    made = ctypes.c_void_p()
    if not _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        ctypes.c_wchar_p(text), _REVISION, ctypes.byref(made), None
    ):
        raise ctypes.WinError(ctypes.get_last_error())
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, _WRITE_DAC | winreg.KEY_WOW64_64KEY) as key:
        if failed := _advapi32.RegSetKeySecurity(ctypes.c_void_p(int(key)), _LIST, made):
            raise ctypes.WinError(failed)


if __name__ == "__main__":
    give(sys.argv[2], _LISTS[sys.argv[1]])
