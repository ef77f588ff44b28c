"""A window of ours on Windows: a dialog with the controls of a plan, topmost, deaf until its guard is open."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from ctypes import wintypes
from enum import IntEnum
from typing import NoReturn

from tray.pin_window import process
from tray.pin_window.focus import FocusGuard
from tray.pin_window.moods import Mood
from tray.pin_window.win32 import api, screen
from tray.pin_window.win32.controls import FIRST_CHOICE, Controls, key_of
from tray.pin_window.win32.fonts import Fonts
from tray.pin_window.win32.layout import BUTTONS, Item, Key, Plan, Rect, Size
from tray.pin_window.win32.paint import Paint

_STYLE, _EX_STYLE = 0x82C80080, 0x00040008
"""WS_POPUP, WS_CLIPCHILDREN, WS_CAPTION, WS_SYSMENU, DS_MODALFRAME; WS_EX_APPWINDOW, WS_EX_TOPMOST."""
_DWLP_MSGRESULT, _VK_RETURN, _REPEATED = 0, 0x0D, 1 << 30
_EN_SETFOCUS, _EM_SETSEL = 0x100, 0xB1
_TICK, _TICK_MS = 1, 100
_SW_SHOW, _ALL_NOW = 5, 0x0185
"""`_ALL_NOW`: RDW_INVALIDATE, RDW_ERASE, RDW_ALLCHILDREN, RDW_UPDATENOW."""
_SMALLER, _LEAST_DPI = 0.9, 66
"""Letters get smaller by this on a screen that is too low for the window, down to two thirds of those at 100 %."""


class Message(IntEnum):
    """Messages of Windows (winuser.h)."""

    ACTIVATE = 0x06
    CLOSE = 0x10
    ERASE_GROUND = 0x14
    KEY_DOWN = 0x100
    CHARACTER = 0x102
    SYSTEM_KEY_DOWN = 0x104
    COMMAND = 0x111
    TIMER = 0x113
    COLOUR_STATIC = 0x138
    LEFT_DOWN = 0x201
    LEFT_TWICE = 0x203
    RIGHT_DOWN = 0x204
    MIDDLE_DOWN = 0x207
    DPI_CHANGED = 0x2E0


_GUARDED = frozenset(
    (
        *(Message.KEY_DOWN, Message.CHARACTER, Message.SYSTEM_KEY_DOWN),
        *(Message.LEFT_DOWN, Message.LEFT_TWICE, Message.RIGHT_DOWN, Message.MIDDLE_DOWN),
    )
)


class Frame(ABC):
    """The window as such: what it is for is in a subclass. It takes messages once it runs."""

    def __init__(self, title: str, language: str, guard: FocusGuard, planned: Callable[[Fonts, Size], Plan]) -> None:
        self._language, self._guard, self._planned = language, guard, planned
        self._paint = Paint()
        self._procedure = api.WNDPROC(self._take)
        self.window = self._create(title)
        self.plan, self.fonts = self._fitting(screen.dpi(self.window))
        self.controls = Controls(self.window, self.plan, self.fonts)

    _begun = False
    """Whether messages find everything that they speak to."""

    @abstractmethod
    def command(self, key: Key, notice: int) -> None:
        """A button was pressed, or a field has changed."""

    @abstractmethod
    def enter(self) -> None:
        """Enter in a field."""

    @abstractmethod
    def close(self) -> None:
        """The window's cross."""

    @abstractmethod
    def tick(self) -> None:
        """Ten times a second, until the window has its answer."""

    @abstractmethod
    def focus_changed(self, *, active: bool) -> None: ...

    @abstractmethod
    def focus_first(self) -> None: ...

    @abstractmethod
    def refresh(self) -> None:
        """Show what is so now."""

    def mood(self, item: Item) -> Mood | None:
        return item.mood

    def panels(self) -> Iterable[tuple[Rect, Mood | None]]:
        return [(panel.place, panel.mood) for panel in self.plan.panels]

    def run(self, shown: Callable[[], None]) -> NoReturn:
        """Show, ask the desktop for the focus as far as it grants it, and take messages until the process ends."""
        self._begun = True
        api.set_timer(self.window, _TICK, _TICK_MS, None)
        self.refresh()
        api.show_window(self.window, _SW_SHOW)
        screen.come_forward(self.window)
        self.focus_first()
        api.redraw(self.window, None, None, _ALL_NOW)
        shown()
        message = wintypes.MSG()
        while api.get_message(ctypes.byref(message), None, 0, 0) > 0:
            if not self._keeps(message) and not api.is_dialog_message(self.window, ctypes.byref(message)):
                api.translate_message(ctypes.byref(message))
                api.dispatch_message(ctypes.byref(message))
        process.leave(process.EXIT_ANSWERED)

    def paint_again(self, place: Rect) -> None:
        self._paint.again(self.window, place)

    def _create(self, title: str) -> int:
        """An empty dialog: DLGTEMPLATE with its title; menu and class are Windows' own."""
        template = struct.pack("<IIHhhhhHH", _STYLE, _EX_STYLE, 0, 0, 0, 0, 0, 0, 0)
        memory = ctypes.create_string_buffer(template + title.encode("utf-16-le") + b"\0\0")
        return int(api.create_dialog(api.module_handle(None), memory, None, self._procedure, 0))

    def _fitting(self, dpi: int) -> tuple[Plan, Fonts]:
        """For the screen in use; the window goes to its middle."""
        work, frame = screen.work_area(), screen.frame(_STYLE, _EX_STYLE, dpi)
        while True:
            fonts = Fonts(self._language, dpi)
            found = self._planned(fonts, screen.inside(work, frame))
            if found.fits or dpi * _SMALLER < _LEAST_DPI:
                break
            dpi = round(dpi * _SMALLER)
        screen.centre(self.window, work, frame, found.size)
        return found, fonts

    def _scale(self, dpi: int) -> None:
        """The window came to a screen of another resolution."""
        before = self.fonts
        self.plan, self.fonts = self._fitting(dpi)
        self.controls.arrange(self.plan, self.fonts)
        before.close()
        self.refresh()
        api.redraw(self.window, None, None, _ALL_NOW)

    def _keeps(self, message: wintypes.MSG) -> bool:
        """Keys and clicks reach no control before the guard is open; a key held down elsewhere never does."""
        if message.message in _GUARDED and not self._guard.lets_key_pass():
            return True
        if message.message == Message.KEY_DOWN and message.wParam == _VK_RETURN:
            return self._keeps_enter(repeated=bool(message.lParam & _REPEATED))
        return False

    def _keeps_enter(self, *, repeated: bool) -> bool:
        """A button is pressed by its own Enter; a text to read takes none."""
        focused = self.controls.items.get(api.get_focus())
        if focused is not None and focused.key in BUTTONS and not repeated:
            return False
        if (focused is None or focused.key is not Key.LIST) and not repeated:
            self.enter()
        return True

    def _take(self, window: int, message: int, wide: int, long: int) -> int:
        """DialogProc: what is taken here is answered by more than 0."""
        if not self._begun:
            return 0
        match message:
            case Message.ACTIVATE:
                self.focus_changed(active=wide & 0xFFFF != 0)
                return 0
            case Message.ERASE_GROUND:
                self._paint.ground(wide, window, self.plan.footer, self.panels())
                api.set_window_pointer(window, _DWLP_MSGRESULT, 1)
                return 1
            case Message.COLOUR_STATIC if (item := self.controls.items.get(long)) is not None:
                return self._paint.label(wide, item, self.mood(item))
        return self._act(message, wide)

    def _act(self, message: int, wide: int) -> int:
        match message:
            case Message.COMMAND:
                self._command(wide & 0xFFFF, wide >> 16 & 0xFFFF)
            case Message.TIMER:
                self.timer(wide)
            case Message.CLOSE:
                self.close()
            case Message.DPI_CHANGED:
                self._scale(wide & 0xFFFF)
            case _:
                return 0
        return 1

    def timer(self, number: int) -> None:
        """`number`: which; there is one unless a subclass set another."""
        self.tick()

    def _command(self, number: int, notice: int) -> None:
        key = key_of(number)
        if key is Key.CHOICE:
            self.controls.choose(number - FIRST_CHOICE)
        if key is Key.LIST and notice == _EN_SETFOCUS:
            # Tab would select all of it, and an arrow key then jump to its end.
            api.post_message(self.controls.by_key[Key.LIST], _EM_SETSEL, 0, 0)
        else:
            self.command(key, notice)
