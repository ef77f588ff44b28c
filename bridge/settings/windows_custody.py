"""Owner and access list of a file, and who this process runs as."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from ctypes import wintypes
from pathlib import Path
from typing import Final

from bridge import windows_token

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_advapi32 = ctypes.WinDLL("advapi32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)
_kernel32 = ctypes.WinDLL("kernel32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)
_FILE: Final = 1  # SE_FILE_OBJECT
_OWNER_AND_LIST: Final = 0x1 | 0x4  # OWNER_SECURITY_INFORMATION, DACL_SECURITY_INFORMATION
_REVISION: Final = 1  # SDDL_REVISION_1
_REPARSE_POINT: Final = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT

_get = _advapi32.GetNamedSecurityInfoW
_get.argtypes = [wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD, *[ctypes.c_void_p] * 5]
_get.restype = wintypes.DWORD
_show = _advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW
_show.argtypes = [ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p]
_show_sid = _advapi32.ConvertSidToStringSidW
_show_sid.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
_free = _kernel32.LocalFree
_free.argtypes = [ctypes.c_void_p]


def descriptor(path: Path) -> str:
    """As SDDL. Raises OSError."""
    found = ctypes.c_void_p()
    if error := _get(str(path), _FILE, _OWNER_AND_LIST, None, None, None, None, ctypes.byref(found)):
        raise ctypes.WinError(error)
    try:
        text = ctypes.c_void_p()
        _demand(_show(found, _REVISION, _OWNER_AND_LIST, ctypes.byref(text), None))
        return _taken(text)
    finally:
        _free(found)


def leads_elsewhere(folder: Path) -> bool:
    """A link or junction, which its maker can point to another folder at any time. Raises OSError."""
    return bool(folder.lstat().st_file_attributes & _REPARSE_POINT)


def elevated_user() -> str | None:
    """Who this process runs as, where it has an administrator's rights: that person's own files are trusted, too."""
    with windows_token.own() as token:
        if not windows_token.is_elevated(token):
            return None
        text = ctypes.c_void_p()
        _demand(_show_sid(windows_token.user(token), ctypes.byref(text)))
        return _taken(text)


def _taken(text: ctypes.c_void_p) -> str:
    """A text of Windows', which is given back."""
    try:
        return ctypes.wstring_at(text.value or 0)
    finally:
        _free(text)


def _demand(succeeded: int) -> None:
    if not succeeded:
        raise ctypes.WinError(ctypes.get_last_error())
