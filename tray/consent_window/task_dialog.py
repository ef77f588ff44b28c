"""The window on Windows: a task dialog, native and accessible; it waits as long as its page does."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import time
from ctypes import wintypes
from typing import NoReturn

from tray.consent_window.answer import Answer, give, say_shown
from tray.consent_window.name import describe
from tray.consent_window.question import Question
from tray.consent_window.texts import Texts
from tray.pin_window import process
from tray.pin_window.focus import FocusGuard
from tray.pin_window.win32 import api, screen

_FROM_SYSTEM32 = 0x800
"""LOAD_LIBRARY_SEARCH_SYSTEM32."""
_CALL_BACK_TIMER = 0x0800
_ICON_WARNING, _ICON_INFORMATION = 0xFFFF, 0xFFFD
"""TD_WARNING_ICON, TD_INFORMATION_ICON: MAKEINTRESOURCE of -1 and -3."""
_CREATED, _CLICKED, _TIMER = 0, 2, 4
"""TDN_CREATED, TDN_BUTTON_CLICKED, TDN_TIMER (commctrl.h)."""
_CLOSE, _STAY = 0, 1
"""S_OK and S_FALSE, as a click's answer."""
_CANCEL = 2
"""IDCANCEL: a button of this number takes Escape and the window's own close button, too."""
_TOPMOST, _KEEP_PLACE = -1, 0x0003
"""HWND_TOPMOST; SWP_NOSIZE and SWP_NOMOVE."""
_ROW = 46
"""Characters of an origin in one line: the dialog breaks text at blanks alone and cuts what is longer."""

Callback = ctypes.WINFUNCTYPE(
    ctypes.c_long, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM, ctypes.c_ssize_t
)


class Button(ctypes.Structure):
    """TASKDIALOG_BUTTON."""

    _pack_ = 1
    _fields_ = (("id", ctypes.c_int), ("text", wintypes.LPCWSTR))


class Config(ctypes.Structure):
    """TASKDIALOGCONFIG, which is packed to one byte."""

    _pack_ = 1
    _fields_ = (
        ("size", wintypes.UINT),
        ("parent", wintypes.HWND),
        ("instance", wintypes.HINSTANCE),
        ("flags", ctypes.c_int),
        ("common_buttons", ctypes.c_int),
        ("title", wintypes.LPCWSTR),
        ("icon", ctypes.c_void_p),
        ("instruction", wintypes.LPCWSTR),
        ("content", wintypes.LPCWSTR),
        ("button_count", wintypes.UINT),
        ("buttons", ctypes.c_void_p),
        ("default_button", ctypes.c_int),
        ("radio_count", wintypes.UINT),
        ("radios", ctypes.c_void_p),
        ("default_radio", ctypes.c_int),
        ("verification", wintypes.LPCWSTR),
        ("expanded", wintypes.LPCWSTR),
        ("expanded_control", wintypes.LPCWSTR),
        ("collapsed_control", wintypes.LPCWSTR),
        ("footer_icon", ctypes.c_void_p),
        ("footer", wintypes.LPCWSTR),
        ("callback", Callback),
        ("callback_data", ctypes.c_ssize_t),
        ("width", wintypes.UINT),
    )


def show(config: Config) -> tuple[int, int]:
    """The numbers of the button that was pressed and of the radio button that was set then. Raises OSError."""
    pressed, chosen = ctypes.c_int(), ctypes.c_int()
    dialog = ctypes.WinDLL("comctl32", winmode=_FROM_SYSTEM32).TaskDialogIndirect
    dialog.argtypes, dialog.restype = (ctypes.c_void_p,) * 4, ctypes.c_long
    if (failed := dialog(ctypes.byref(config), ctypes.byref(pressed), ctypes.byref(chosen), None)) != 0:
        raise OSError(f"TaskDialogIndirect: 0x{failed & 0xFFFFFFFF:08X}")
    return pressed.value, chosen.value


_ANSWERS = {100: Answer.REMEMBER, 101: Answer.ONCE, _CANCEL: Answer.NO}


class TaskDialog:
    def __init__(self, question: Question, texts: Texts) -> None:
        self._guard = FocusGuard(time.monotonic)
        self._active = False
        self._name = describe(question.origin)
        self._texts = texts
        named = zip(_ANSWERS, (texts.remember, texts.once, texts.no), strict=True)
        self._buttons = (Button * 3)(*(Button(number, text) for number, text in named))
        self._callback = Callback(self._told)

    def run(self) -> NoReturn:
        try:
            pressed, _ = show(self._config())
        except OSError:
            process.leave(process.EXIT_NO_TOOLKIT)
        give(_ANSWERS.get(pressed, Answer.NO))

    def _config(self) -> Config:
        caution = self._name.caution
        return Config(
            size=ctypes.sizeof(Config),
            flags=_CALL_BACK_TIMER,
            title=self._texts.title,
            icon=_ICON_INFORMATION if caution is None else _ICON_WARNING,
            instruction=f"{self._texts.question}\n{in_rows(self._name.origin)}",
            content=self._content(),
            button_count=len(self._buttons),
            buttons=ctypes.cast(self._buttons, ctypes.c_void_p).value,
            default_button=_CANCEL,  # one there must be: a stray Enter says no
            footer=self._texts.revocable,
            callback=self._callback,
        )

    def _content(self) -> str:
        name, texts = self._name, self._texts
        decoded = [] if name.decoded is None else [texts.decoded.format(name.decoded)]
        caution = [] if name.caution is None else [texts.cautions[name.caution]]
        rights = "\n".join((texts.may, *(f"• {right}" for right in texts.rights)))
        return "\n\n".join((*decoded, *caution, rights, texts.never))

    def _told(self, window: int, notice: int, wide: int, _long: int, _data: int) -> int:
        """TaskDialogCallbackProc."""
        match notice:
            case _ if notice == _CREATED:
                api.set_place(window, _TOPMOST, 0, 0, 0, 0, _KEEP_PLACE)
                screen.come_forward(window)
                say_shown()
            case _ if notice == _TIMER:
                self._look_at_focus(window)
            case _ if notice == _CLICKED:
                self._look_at_focus(window)
                return _CLOSE if self._guard.lets_key_pass() else _STAY
        return _CLOSE

    def _look_at_focus(self, window: int) -> None:
        active = api.foreground() == window
        if active != self._active:
            self._active = active
            (self._guard.gained if active else self._guard.lost)()


def in_rows(origin: str) -> str:
    return "\n".join(origin[start : start + _ROW] for start in range(0, len(origin), _ROW))


def run(question: Question, texts: Texts) -> NoReturn:
    """Show the window; its answer ends the process."""
    screen.be_sharp()
    TaskDialog(question, texts).run()
