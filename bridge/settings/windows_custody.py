"""Owner and access list of a file, and who this process runs as."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import ctypes
from collections.abc import Iterator
from ctypes import wintypes
from pathlib import Path
from typing import Final

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_advapi32 = ctypes.WinDLL("advapi32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)
_kernel32 = ctypes.WinDLL("kernel32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)
_FILE: Final = 1  # SE_FILE_OBJECT
_OWNER_AND_LIST: Final = 0x1 | 0x4  # OWNER_SECURITY_INFORMATION, DACL_SECURITY_INFORMATION
_REVISION: Final = 1  # SDDL_REVISION_1
_REPARSE_POINT: Final = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT
_QUERY: Final = 0x8  # TOKEN_QUERY
_TOKEN_USER: Final = 1
_TOKEN_ELEVATION: Final = 20

_get = _advapi32.GetNamedSecurityInfoW
_get.argtypes = [wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD, *[ctypes.c_void_p] * 5]
_get.restype = wintypes.DWORD
_show = _advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW
_show.argtypes = [ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p]
_show_sid = _advapi32.ConvertSidToStringSidW
_show_sid.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
_open_token = _advapi32.OpenProcessToken
_open_token.argtypes = [wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p]
_ask = _advapi32.GetTokenInformation
_ask.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p]
_this_process = _kernel32.GetCurrentProcess
_this_process.restype = wintypes.HANDLE
_close = _kernel32.CloseHandle
_close.argtypes = [wintypes.HANDLE]
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
    with _token() as token:
        elevated, size = wintypes.DWORD(), wintypes.DWORD()
        _demand(_ask(token, _TOKEN_ELEVATION, ctypes.byref(elevated), ctypes.sizeof(elevated), ctypes.byref(size)))
        if not elevated.value:
            return None
        _ask(token, _TOKEN_USER, None, 0, ctypes.byref(size))
        user = ctypes.create_string_buffer(size.value)
        _demand(_ask(token, _TOKEN_USER, user, size, ctypes.byref(size)))
        text = ctypes.c_void_p()
        # TOKEN_USER begins with the address of the identifier.
        _demand(_show_sid(ctypes.cast(user, ctypes.POINTER(ctypes.c_void_p))[0], ctypes.byref(text)))
        return _taken(text)


@contextlib.contextmanager
def _token() -> Iterator[wintypes.HANDLE]:
    token = wintypes.HANDLE()
    _demand(_open_token(_this_process(), _QUERY, ctypes.byref(token)))
    try:
        yield token
    finally:
        _close(token)


def _taken(text: ctypes.c_void_p) -> str:
    """A text of Windows', which is given back."""
    try:
        return ctypes.wstring_at(text.value or 0)
    finally:
        _free(text)


def _demand(succeeded: int) -> None:
    if not succeeded:
        raise ctypes.WinError(ctypes.get_last_error())
