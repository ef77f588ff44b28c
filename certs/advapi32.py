"""Access lists of files on Windows, read and set through advapi32."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import ctypes
from collections.abc import Iterator
from ctypes import wintypes
from pathlib import Path
from typing import Final

from certs.access_list import Entry, Rules

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_advapi32 = ctypes.WinDLL("advapi32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)
_kernel32 = ctypes.WinDLL("kernel32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)

_FILE: Final = 1  # SE_FILE_OBJECT
_OWNER: Final = 0x1  # OWNER_SECURITY_INFORMATION
_LIST: Final = 0x4  # DACL_SECURITY_INFORMATION
_PROTECTED: Final = 0x80000000  # PROTECTED_DACL_SECURITY_INFORMATION: nothing from the folder above
_REVISION: Final = 1  # SDDL_REVISION_1
_ALLOWED: Final = 0  # ACCESS_ALLOWED_ACE_TYPE
_INHERIT_ONLY: Final = 0x8
_QUERY: Final = 0x8  # TOKEN_QUERY
_TOKEN_USER: Final = 1


class _Ace(ctypes.Structure):
    """ACCESS_ALLOWED_ACE; the identifier begins at `sid`."""

    _fields_ = (
        ("kind", ctypes.c_ubyte),
        ("flags", ctypes.c_ubyte),
        ("size", wintypes.WORD),
        ("mask", wintypes.DWORD),
        ("sid", wintypes.DWORD),
    )


class _Acl(ctypes.Structure):
    _fields_ = (
        ("revision", ctypes.c_ubyte),
        ("zero", ctypes.c_ubyte),
        ("size", wintypes.WORD),
        ("count", wintypes.WORD),
        ("zero2", wintypes.WORD),
    )


_get = _advapi32.GetNamedSecurityInfoW
_get.argtypes = [wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD, *[ctypes.c_void_p] * 5]
_get.restype = wintypes.DWORD
_set = _advapi32.SetNamedSecurityInfoW
_set.argtypes = [wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD, *[ctypes.c_void_p] * 4]
_set.restype = wintypes.DWORD
_get_ace = _advapi32.GetAce
_get_ace.argtypes = [ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p]
_parse = _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW
_parse.argtypes = [wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p]
_get_list = _advapi32.GetSecurityDescriptorDacl
_get_list.argtypes = [ctypes.c_void_p] * 4
_get_owner = _advapi32.GetSecurityDescriptorOwner
_get_owner.argtypes = [ctypes.c_void_p] * 3
_show_sid = _advapi32.ConvertSidToStringSidW
_show_sid.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
_open_token = _advapi32.OpenProcessToken
_open_token.argtypes = [wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p]
_ask_token = _advapi32.GetTokenInformation
_ask_token.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p]
_this_process = _kernel32.GetCurrentProcess
_this_process.restype = wintypes.HANDLE
_close = _kernel32.CloseHandle
_close.argtypes = [wintypes.HANDLE]
_free = _kernel32.LocalFree
_free.argtypes = [ctypes.c_void_p]


def own_sid() -> str:
    """The identifier of this process's user. Raises OSError, as all of these do."""
    token = wintypes.HANDLE()
    _demand(_open_token(_this_process(), _QUERY, ctypes.byref(token)))
    try:
        buffer = (ctypes.c_void_p * 32)()  # TOKEN_USER begins with a pointer to the identifier, which follows it
        size = wintypes.DWORD()
        _demand(_ask_token(token, _TOKEN_USER, buffer, ctypes.sizeof(buffer), ctypes.byref(size)))
        return _sid(buffer[0])
    finally:
        _close(token)


def rules(path: Path) -> Rules:
    owner, entries, descriptor = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    _succeed(
        _get(
            str(path),
            _FILE,
            _OWNER | _LIST,
            ctypes.byref(owner),
            None,
            ctypes.byref(entries),
            None,
            ctypes.byref(descriptor),
        )
    )
    with _freed(descriptor):
        return Rules(_sid(owner.value), None if not entries.value else tuple(_entries(entries)))


def protect(path: Path, descriptor: str) -> None:
    """Gives a file or folder owner and list as `descriptor` (SDDL) says, and takes nothing from the folder above."""
    parsed, owner, entries = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    _demand(_parse(descriptor, _REVISION, ctypes.byref(parsed), None))
    with _freed(parsed):
        present, default = wintypes.BOOL(), wintypes.BOOL()
        _demand(_get_list(parsed, ctypes.byref(present), ctypes.byref(entries), ctypes.byref(default)))
        _demand(_get_owner(parsed, ctypes.byref(owner), ctypes.byref(default)))
        _succeed(_set(str(path), _FILE, _OWNER | _LIST | _PROTECTED, owner, None, entries, None))


def _entries(entries: ctypes.c_void_p) -> Iterator[Entry]:
    count = ctypes.cast(entries, ctypes.POINTER(_Acl)).contents.count
    for number in range(count):
        found = ctypes.POINTER(_Ace)()
        _demand(_get_ace(entries, number, ctypes.byref(found)))
        ace = found.contents
        if ace.kind == _ALLOWED and not ace.flags & _INHERIT_ONLY:
            yield Entry(ace.mask, _sid(ctypes.addressof(ace) + _Ace.sid.offset))


def _sid(address: int | None) -> str:
    text = wintypes.LPWSTR()
    _demand(_show_sid(address, ctypes.byref(text)))
    with _freed(text):
        return text.value or ""


@contextlib.contextmanager
def _freed(pointer: ctypes.c_void_p | wintypes.LPWSTR) -> Iterator[None]:
    try:
        yield
    finally:
        _free(ctypes.cast(pointer, ctypes.c_void_p))


def _demand(result: int) -> None:
    if not result:
        raise ctypes.WinError(ctypes.get_last_error())


def _succeed(result: int) -> None:
    if result != 0:
        raise ctypes.WinError(result)
