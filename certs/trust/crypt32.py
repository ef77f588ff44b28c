"""One physical certificate store of Windows, through crypt32: what is in it, one more, one less."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
import ctypes
from collections.abc import Iterator
from ctypes import wintypes
from typing import Final

_FROM_SYSTEM32: Final = 0x800  # LOAD_LIBRARY_SEARCH_SYSTEM32
_crypt32 = ctypes.WinDLL("crypt32.dll", winmode=_FROM_SYSTEM32, use_last_error=True)

# CERT_STORE_PROV_SYSTEM_REGISTRY_W: this store by itself. CERT_STORE_PROV_SYSTEM_W would show the machine's entries
# among the user's ("System Store Locations", Windows documentation).
_PHYSICAL: Final = 13
_X509: Final = 1  # X509_ASN_ENCODING
_REPLACE: Final = 3  # CERT_STORE_ADD_REPLACE_EXISTING
_READ_ONLY: Final = 0x8000
_COMMIT: Final = 3  # CERT_STORE_CTRL_COMMIT
_COMMIT_FORCE: Final = 1

CURRENT_USER: Final = 1 << 16
LOCAL_MACHINE: Final = 2 << 16


class _Context(ctypes.Structure):
    """CERT_CONTEXT."""

    _fields_ = (
        ("encoding", wintypes.DWORD),
        ("encoded", ctypes.POINTER(ctypes.c_ubyte)),
        ("size", wintypes.DWORD),
        ("info", ctypes.c_void_p),
        ("store", ctypes.c_void_p),
    )


_Pointer = ctypes.POINTER(_Context)

_open = _crypt32.CertOpenStore
_open.argtypes = [ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.LPCWSTR]
_open.restype = ctypes.c_void_p
_close = _crypt32.CertCloseStore
_close.argtypes = [ctypes.c_void_p, wintypes.DWORD]
_control = _crypt32.CertControlStore
_control.argtypes = [ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p]
_add = _crypt32.CertAddEncodedCertificateToStore
_add.argtypes = [
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.c_char_p,
    wintypes.DWORD,
    wintypes.DWORD,
    ctypes.c_void_p,
]
_next = _crypt32.CertEnumCertificatesInStore
_next.argtypes = [ctypes.c_void_p, _Pointer]
_next.restype = _Pointer
_duplicate = _crypt32.CertDuplicateCertificateContext
_duplicate.argtypes = [_Pointer]
_duplicate.restype = _Pointer
_delete = _crypt32.CertDeleteCertificateFromStore
_delete.argtypes = [_Pointer]


class Shelf:
    """The store `name` at a location, by itself. Every method raises OSError with Windows' own number and words."""

    def __init__(self, location: int, name: str) -> None:
        self._location = location
        self._name = name

    def certificates(self) -> list[bytes]:
        """DER of each."""
        with self._opened(_READ_ONLY) as store:
            return [_encoded(context) for context in _contexts(store)]

    def add(self, certificate: bytes) -> None:
        """For the user's Root Windows asks the person; No raises OSError."""
        with self._opened() as store:
            _demand(_add(store, _X509, certificate, len(certificate), _REPLACE, None))
            _demand(_control(store, _COMMIT_FORCE, _COMMIT, None))

    def delete(self, certificate: bytes) -> None:
        """For the user's Root Windows asks the person; No raises OSError."""
        with self._opened() as store:
            # Deleting takes a context away from the enumeration: collect first.
            held = [_duplicate(context) for context in _contexts(store) if _encoded(context) == certificate]
            for context in held:
                _demand(_delete(context))
            _demand(_control(store, _COMMIT_FORCE, _COMMIT, None))

    @contextlib.contextmanager
    def _opened(self, flags: int = 0) -> Iterator[int]:
        store = _open(_PHYSICAL, 0, None, self._location | flags, self._name)
        _demand(store)
        try:
            yield store
        finally:
            _close(store, 0)


def _contexts(store: int) -> Iterator[ctypes._Pointer[_Context]]:
    context = _next(store, None)
    while context:
        yield context
        context = _next(store, context)


def _encoded(context: ctypes._Pointer[_Context]) -> bytes:
    return ctypes.string_at(context.contents.encoded, context.contents.size)


def _demand(result: int | None) -> None:
    if not result:
        raise ctypes.WinError(ctypes.get_last_error())
