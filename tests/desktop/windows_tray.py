"""Run on Windows: the tray icon of `tray_program`, and what Windows itself says of its menu and its notifications.

`windows_tray.py LIBRARIES LANGUAGE`; commands on stdin: `menu` prints the open menu's entries and their places on the
screen as JSON, `closed` whether none is open any more, `notice` hands a notification to the shell, `shown` prints the
texts of balloons and hints on the screen that begin so; else as `tray_program`, and `changed` once it is done: an open
menu would not outlive a change.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import json
import time
from collections.abc import Callable
from ctypes import wintypes
from typing import Any, Final

sys.path.append(sys.argv[1])

from tests.desktop import tray_program

_MENU_CLASS, _BALLOON_CLASS = "#32768", "tooltips_class32"
_GET_MENU, _GET_TEXT = 0x01E1, 0x000D
"""MN_GETHMENU, WM_GETTEXT."""
_BY_POSITION, _GRAYED, _CHECKED, _SEPARATOR, _DEFAULT = 0x400, 0x1, 0x8, 0x800, 0x1000
"""MF_BYPOSITION, MF_GRAYED, MF_CHECKED, MF_SEPARATOR, MF_DEFAULT."""
_ROOM: Final = 512
_WAIT_SECONDS: Final = 15.0

_user = ctypes.WinDLL("user32")
_user.SendMessageW.restype = ctypes.c_ssize_t
_user.SendMessageW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, ctypes.c_void_p)
_user.FindWindowExW.restype = wintypes.HWND
_user.FindWindowExW.argtypes = (wintypes.HWND, wintypes.HWND, wintypes.LPCWSTR, wintypes.LPCWSTR)
_user.GetMenuItemCount.argtypes = (wintypes.HMENU,)
_user.GetMenuStringW.argtypes = (wintypes.HMENU, wintypes.UINT, wintypes.LPWSTR, ctypes.c_int, wintypes.UINT)
_user.GetMenuState.argtypes = (wintypes.HMENU, wintypes.UINT, wintypes.UINT)
_user.GetMenuItemRect.argtypes = (wintypes.HWND, wintypes.HMENU, wintypes.UINT, ctypes.POINTER(wintypes.RECT))
_user.GetSubMenu.restype, _user.GetSubMenu.argtypes = wintypes.HMENU, (wintypes.HMENU, ctypes.c_int)
_user.IsWindowVisible.argtypes = (wintypes.HWND,)


def windows(of_class: str) -> list[int]:
    """All on the screen, whichever program's."""
    found: list[int] = []
    while window := _user.FindWindowExW(None, found[-1] if found else None, of_class, None):
        found.append(window)
    return [window for window in found if _user.IsWindowVisible(window)]


def until(seen: Callable[[], Any]) -> Any:
    end = time.monotonic() + _WAIT_SECONDS
    while not (found := seen()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def read(menu: int) -> list[Any]:
    """Of each entry: text, can be chosen, checked, default, and what is inside; None for a separator."""
    return [_entry(menu, place) for place in range(_user.GetMenuItemCount(menu))]


def _entry(menu: int, place: int) -> list[Any] | None:
    state = _user.GetMenuState(menu, place, _BY_POSITION) & 0xFFFF
    inside = _user.GetSubMenu(menu, place)
    if not inside and state & _SEPARATOR:
        return None
    text = ctypes.create_unicode_buffer(_ROOM)
    _user.GetMenuStringW(menu, place, text, _ROOM, _BY_POSITION)
    if inside:  # the high byte of its state is how many entries it has
        return [text.value, not state & _GRAYED, False, False, read(inside)]
    return [text.value, not state & _GRAYED, bool(state & _CHECKED), bool(state & _DEFAULT), []]


def open_menu() -> dict[str, Any]:
    menus = until(lambda: [each for each in map(_menu_in, windows(_MENU_CLASS)) if _user.GetMenuItemCount(each) > 0])
    return {"entries": read(menus[0]), "places": places(menus[0])} if menus else {"entries": []}


def _menu_in(window: int) -> int:
    return int(_user.SendMessageW(window, _GET_MENU, 0, None))


def places(menu: int) -> list[list[int]]:
    """The middle of each entry."""
    found, rect = [], wintypes.RECT()
    for place in range(_user.GetMenuItemCount(menu)):
        _user.GetMenuItemRect(None, menu, place, ctypes.byref(rect))
        found.append([(rect.left + rect.right) // 2, (rect.top + rect.bottom) // 2])
    return found


def balloons(beginning: str) -> list[str]:
    return list(until(lambda: [text for text in map(_text, windows(_BALLOON_CLASS)) if text.startswith(beginning)]))


def _text(window: int) -> str:
    text = ctypes.create_unicode_buffer(_ROOM)
    _user.SendMessageW(window, _GET_TEXT, _ROOM, ctypes.addressof(text))
    return text.value


def follow(tray: Any, first: Any) -> None:
    for line in sys.stdin:
        match line.split():
            case ["menu"]:
                print(json.dumps(open_menu()), flush=True)
            case ["closed"]:
                print(json.dumps(until(lambda: not windows(_MENU_CLASS))), flush=True)
            case ["notice", *words]:
                tray.notify(words[0], " ".join(words[1:]))
            case ["shown", beginning]:
                print(json.dumps(balloons(beginning)), flush=True)
            case words:
                tray_program.change(tray, first, words)
                print("changed", flush=True)


if __name__ == "__main__":
    tray_program.main(sys.argv[2], follow)
