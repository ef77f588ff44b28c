"""The field for the PIN: a password edit control that holds only dots. The PIN is in a TypedPin.

Whatever would put text into the control by another way than the keys or a paste (automation, drag and drop) is refused:
it would not match the PIN.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from collections.abc import Callable, Iterable, Iterator

from tray.pin_window.typed import TypedPin
from tray.pin_window.win32 import api

_GWLP_WNDPROC = -4
_WM_SETTEXT, _WM_GETTEXT, _WM_CONTEXTMENU, _WM_KEYDOWN, _WM_CHAR = 0x0C, 0x0D, 0x7B, 0x100, 0x102
_WM_IME_CHAR, _WM_CUT, _WM_COPY, _WM_PASTE, _WM_CLEAR, _WM_UNDO = 0x286, 0x300, 0x301, 0x302, 0x303, 0x304
_EM_GETSEL, _EM_SETSEL, _EM_REPLACESEL, _EM_UNDO, _EM_SETPASSWORDCHAR = 0xB0, 0xB1, 0xC2, 0xC7, 0xCC
_EM_SETLIMITTEXT, _EM_EMPTYUNDOBUFFER = 0xC5, 0xCD
_REFUSED = frozenset((_WM_SETTEXT, _EM_REPLACESEL, _WM_CUT, _WM_COPY, _WM_CLEAR, _WM_UNDO, _EM_UNDO, _WM_CONTEXTMENU))
_SELECT_ALL, _BACKSPACE, _PASTE, _DELETE_CHAR = 0x01, 0x08, 0x16, 0x7F
_VK_SHIFT, _VK_CONTROL, _VK_INSERT, _VK_DELETE = 0x10, 0x11, 0x2D, 0x2E
_CF_UNICODETEXT = 13
_BLANKS = frozenset((0x09, 0x0A, 0x0D, 0x20, 0x3000))
_DOT = "●"


class PinEdit:
    """Pasting is possible (some people can only paste); copying, cutting, dragging and undoing are not."""

    def __init__(self, window: int, pin: TypedPin, changed: Callable[[], None]) -> None:
        self._window, self._pin, self._changed = window, pin, changed
        # No input method: it would compose, and keep what was typed in its history.
        api.set_input_method(window, None)
        self._procedure = api.WNDPROC(self._take)
        pointer = ctypes.cast(self._procedure, ctypes.c_void_p)
        self._before = api.set_window_pointer(window, _GWLP_WNDPROC, pointer)
        self._to_control(_EM_SETPASSWORDCHAR, ord(_DOT))
        self._to_control(_EM_SETLIMITTEXT, 0)

    def clear(self) -> None:
        """Overwrite what was typed."""
        self._pin.wipe()
        self._to_control(_EM_SETSEL, 0, -1)
        self._put_dots("")

    def _take(self, window: int, message: int, wide: int, long: int) -> int:
        """Everything that edits is done here on the PIN and the dots alike."""
        if message in (_WM_CHAR, _WM_IME_CHAR):
            return self._take_character(wide)
        if message == _WM_KEYDOWN and wide in (_VK_INSERT, _VK_DELETE):
            return self._take_key(wide)
        if message == _WM_PASTE:
            return self._insert(_clipboard(self._window))
        if message in _REFUSED:
            return 0
        return int(api.call_window_procedure(self._before, window, message, wide, long))

    def _take_character(self, code: int) -> int:
        if code == _BACKSPACE:
            return self._delete(-1)
        if code == _PASTE:
            return self._insert(_clipboard(self._window))
        if code == _SELECT_ALL:
            return self._to_control(_EM_SETSEL, 0, -1)
        return self._insert((code,)) if code >= 0x20 and code != _DELETE_CHAR else 0

    def _take_key(self, key: int) -> int:
        shift, control = (api.key_state(modifier) < 0 for modifier in (_VK_SHIFT, _VK_CONTROL))
        if key == _VK_DELETE and not shift and not control:
            return self._delete(1)
        if key == _VK_INSERT and shift:
            return self._insert(_clipboard(self._window))
        return 0

    def _insert(self, codes: Iterable[int]) -> int:
        start, end = self._selection()
        self._pin.delete(start, end)
        position = start
        for code in codes:
            if self._pin.insert(position, code):
                position += 1
        self._put_dots(_DOT * (position - start))
        self._changed()
        return 0

    def _delete(self, direction: int) -> int:
        start, end = self._selection()
        if start == end:
            start, end = (start - 1, end) if direction < 0 else (start, end + 1)
        if start >= 0 and end <= len(self._pin):
            self._pin.delete(start, end)
            self._to_control(_EM_SETSEL, start, end)
            self._put_dots("")
            self._changed()
        return 0

    def _put_dots(self, dots: str) -> None:
        """In the place of what is selected."""
        text = ctypes.create_unicode_buffer(dots)
        self._to_control(_EM_REPLACESEL, 0, ctypes.addressof(text))
        self._to_control(_EM_EMPTYUNDOBUFFER)

    def _selection(self) -> tuple[int, int]:
        packed = self._to_control(_EM_GETSEL)
        return packed & 0xFFFF, packed >> 16 & 0xFFFF

    def _to_control(self, message: int, wide: int = 0, long: int = 0) -> int:
        """Past our own procedure."""
        return int(api.call_window_procedure(self._before, self._window, message, wide, long))


def _clipboard(window: int) -> Iterator[int]:
    """The code units of the clipboard's text without blanks around it, one by one."""
    if not api.open_clipboard(window):
        return
    try:
        handle = api.clipboard_data(_CF_UNICODETEXT)
        memory = api.global_lock(handle) if handle else None
        if memory:
            yield from _text_at(memory)
            api.global_unlock(handle)
    finally:
        api.close_clipboard()


def _text_at(place: int) -> Iterator[int]:
    waiting: list[int] = []
    began = False
    while code := ctypes.c_uint16.from_address(place).value:
        place += 2
        if code in _BLANKS:
            waiting += [code] if began else []
            continue
        yield from waiting
        yield code
        began, waiting = True, []
