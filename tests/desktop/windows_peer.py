"""Another program on the same Windows: what it can learn of the PIN window, and what it cannot do to it.

`python windows_peer.py names|read|write`: a JSON line. Runs on Wine, without this project on its path.
"""

from __future__ import annotations

import json
import sys

assert sys.platform == "win32"

import ctypes
from collections.abc import Iterator
from ctypes import wintypes

TITLE = "PIN番号入力ダイアログ"
PIN_FIELD = 110
_GW_HWNDNEXT, _GW_CHILD, _OBJID_CLIENT, _WM_SETTEXT, _WM_GETTEXT, _EM_REPLACESEL = 2, 5, 0xFFFFFFFC, 0x0C, 0x0D, 0xC2
_GET_NAME = 10
"""IAccessible::get_accName's place in the vtable: IUnknown has 3 before it, IDispatch 4, IAccessible 3."""


class _Guid(ctypes.Structure):
    _fields_ = (("a", wintypes.DWORD), ("b", wintypes.WORD), ("c", wintypes.WORD), ("d", ctypes.c_ubyte * 8))


class _Variant(ctypes.Structure):
    _fields_ = (("kind", wintypes.WORD), ("rest", wintypes.WORD * 3), ("value", ctypes.c_longlong * 2))


_IACCESSIBLE = _Guid(0x618736E0, 0x3C3D, 0x11CF, (ctypes.c_ubyte * 8)(0x81, 0x0C, 0, 0xAA, 0, 0x38, 0x9B, 0x71))
_VT_I4 = 3
_user32, _oleacc = ctypes.windll.user32, ctypes.windll.oleacc
_user32.FindWindowW.restype = _user32.GetWindow.restype = _user32.GetDlgItem.restype = wintypes.HWND
_user32.GetWindow.argtypes = (wintypes.HWND, wintypes.UINT)
_user32.GetDlgItem.argtypes = (wintypes.HWND, ctypes.c_int)
_user32.GetDlgCtrlID.argtypes = (wintypes.HWND,)
_user32.SendMessageW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, ctypes.c_wchar_p)
_oleacc.AccessibleObjectFromWindow.argtypes = (wintypes.HWND, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p)


def names(dialog: int) -> dict[int, str | None]:
    """What a screen reader calls each control that has a number."""
    return {number: _name(child) for child in _children(dialog) if (number := _user32.GetDlgCtrlID(child))}


def read(dialog: int) -> str:
    """The text of the PIN's field, as any program may ask for it."""
    text = ctypes.create_unicode_buffer(100)
    _user32.SendMessageW(_user32.GetDlgItem(dialog, PIN_FIELD), _WM_GETTEXT, len(text), text)
    return text.value


def write(dialog: int) -> None:
    """Put a PIN of somebody else's into the field."""
    for message in (_WM_SETTEXT, _EM_REPLACESEL):
        _user32.SendMessageW(_user32.GetDlgItem(dialog, PIN_FIELD), message, 0, "9999")


def _children(dialog: int) -> Iterator[int]:
    child = _user32.GetWindow(dialog, _GW_CHILD)
    while child:
        yield child
        child = _user32.GetWindow(child, _GW_HWNDNEXT)


def _name(window: int) -> str | None:
    found, text = ctypes.c_void_p(), ctypes.c_void_p()
    _oleacc.AccessibleObjectFromWindow(window, _OBJID_CLIENT, ctypes.byref(_IACCESSIBLE), ctypes.byref(found))
    functions = ctypes.cast(ctypes.cast(found, ctypes.POINTER(ctypes.c_void_p))[0], ctypes.POINTER(ctypes.c_void_p))
    get_name = ctypes.WINFUNCTYPE(ctypes.c_long, ctypes.c_void_p, _Variant, ctypes.c_void_p)(functions[_GET_NAME])
    get_name(found, _Variant(kind=_VT_I4), ctypes.byref(text))
    return ctypes.wstring_at(text.value) if text.value else None


if __name__ == "__main__":
    ctypes.windll.ole32.CoInitialize(None)
    action = {"names": names, "read": read, "write": write}[sys.argv[1]]
    print(json.dumps(action(_user32.FindWindowW(None, TITLE))), flush=True)
