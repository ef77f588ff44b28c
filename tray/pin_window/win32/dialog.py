"""The window itself: a dialog of Windows with the controls of a plan; what it decides is in `course`."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import struct
import time
from ctypes import wintypes
from enum import IntEnum
from typing import NoReturn

from tray.pin_window import process
from tray.pin_window.answer import Reason
from tray.pin_window.course import PAD_SECONDS, Course
from tray.pin_window.form import half_width, upper_case
from tray.pin_window.prompt import Prompt
from tray.pin_window.question import Kind, Question
from tray.pin_window.texts import Texts
from tray.pin_window.typed import TypedPin
from tray.pin_window.win32 import api, screen
from tray.pin_window.win32.controls import Controls, key_of
from tray.pin_window.win32.fonts import Fonts
from tray.pin_window.win32.hint import Hint
from tray.pin_window.win32.layout import Key
from tray.pin_window.win32.paint import Paint
from tray.pin_window.win32.pin_edit import PinEdit
from tray.pin_window.win32.plan import Plan, plan

_STYLE, _EX_STYLE = 0x82C80080, 0x00040008
"""WS_POPUP, WS_CLIPCHILDREN, WS_CAPTION, WS_SYSMENU, DS_MODALFRAME; WS_EX_APPWINDOW, WS_EX_TOPMOST."""
_DWLP_MSGRESULT, _VK_RETURN, _VK_CAPITAL, _REPEATED = 0, 0x0D, 0x14, 1 << 30
_EN_CHANGE, _EN_SETFOCUS, _EM_SETSEL = 0x300, 0x100, 0xB1
_TICK, _TICK_MS, _PAD = 1, 100, 2
_SW_SHOW, _ALL_NOW = 5, 0x0185
"""`_ALL_NOW`: RDW_INVALIDATE, RDW_ERASE, RDW_ALLCHILDREN, RDW_UPDATENOW."""
_BUTTONS = frozenset((Key.OK, Key.CANCEL, Key.HALF_WIDTH, Key.UPPER_CASE, Key.EXTEND))
_TEXT_FIELDS = frozenset((Key.WORD, Key.INSISTENCE, Key.PERSON))
_LETTERS = (100, 90, 80, 70)
"""Per cent, tried in this order on a screen that is too small for the window."""


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


class PinDialog:
    def __init__(self, question: Question, texts: Texts, pin: TypedPin, prompt: Prompt) -> None:
        self._question, self._texts, self._pin, self._prompt = question, texts, pin, prompt
        self._paint = Paint()
        self._procedure = api.WNDPROC(self._take)
        self._window = self._create()
        self._plan, self._fonts = self._planned(screen.dpi(self._window))
        self._controls = Controls(self._window, self._plan, self._fonts)
        self._hint = Hint(question, texts, self._controls)
        self._course = Course(question, pin, prompt, time.monotonic, lambda: self._controls.written)
        edit = self._controls.by_key.get(Key.PIN)
        self._edit = None if edit is None else PinEdit(edit, pin, self._typed)
        self._made = True

    _made = False
    """Whether messages find everything that they speak to."""

    def run(self) -> NoReturn:
        """Show, ask the desktop for the focus as far as it grants it, and take messages until the prompt ends."""
        api.set_timer(self._window, _TICK, _TICK_MS, None)
        self._refresh()
        api.show_window(self._window, _SW_SHOW)
        screen.come_forward(self._window)
        self._focus_first()
        api.redraw(self._window, None, None, _ALL_NOW)
        self._prompt.shown()
        message = wintypes.MSG()
        while api.get_message(ctypes.byref(message), None, 0, 0) > 0:
            if not self._keeps(message) and not api.is_dialog_message(self._window, ctypes.byref(message)):
                api.translate_message(ctypes.byref(message))
                api.dispatch_message(ctypes.byref(message))
        process.leave(process.EXIT_ANSWERED)

    def _create(self) -> int:
        """An empty dialog: DLGTEMPLATE with its title; menu and class are Windows' own."""
        texts = self._texts
        title = texts.title_pin if self._question.kind is Kind.PIN else texts.title_confirm
        template = struct.pack("<IIHhhhhHH", _STYLE, _EX_STYLE, 0, 0, 0, 0, 0, 0, 0)
        memory = ctypes.create_string_buffer(template + title.encode("utf-16-le") + b"\0\0")
        return int(api.create_dialog(api.module_handle(None), memory, None, self._procedure, 0))

    def _planned(self, dpi: int) -> tuple[Plan, Fonts]:
        """For the screen in use; the window goes to its middle."""
        work, frame = screen.work_area(), screen.frame(_STYLE, _EX_STYLE, dpi)
        for letters in _LETTERS:
            fonts = Fonts(self._question.language, dpi * letters // 100)
            found = plan(self._question, self._texts, fonts, screen.inside(work, frame))
            if found.fits:
                break
        screen.centre(self._window, work, frame, found.size)
        return found, fonts

    def _scale(self, dpi: int) -> None:
        """The window came to a screen of another resolution."""
        before = self._fonts
        self._plan, self._fonts = self._planned(dpi)
        self._controls.arrange(self._plan, self._fonts)
        before.close()
        self._refresh()
        api.redraw(self._window, None, None, _ALL_NOW)

    def _keeps(self, message: wintypes.MSG) -> bool:
        """Keys and clicks reach no control before the guard is open; a key held down elsewhere never does."""
        if message.message in _GUARDED and not self._course.guard.lets_key_pass():
            return True
        if message.message == Message.KEY_DOWN and message.wParam == _VK_RETURN:
            return self._enter(repeated=bool(message.lParam & _REPEATED))
        return False

    def _enter(self, *, repeated: bool) -> bool:
        """A button is pressed by its own Enter; the list takes none."""
        focused = self._controls.items.get(api.get_focus())
        if focused is not None and focused.key in _BUTTONS and not repeated:
            return False
        if (focused is None or focused.key is not Key.LIST) and not repeated:
            self._agree()
        return True

    def _take(self, window: int, message: int, wide: int, long: int) -> int:
        """DialogProc: what is taken here is answered by more than 0."""
        if not self._made:
            return 0
        match message:
            case Message.ACTIVATE:
                self._focus_changed(active=wide & 0xFFFF != 0)
                return 0
            case Message.ERASE_GROUND:
                self._paint.ground(wide, window, self._plan.footer, self._hint.panels(self._plan.panels))
                api.set_window_pointer(window, _DWLP_MSGRESULT, 1)
                return 1
            case Message.COLOUR_STATIC if (item := self._controls.items.get(long)) is not None:
                return self._paint.label(wide, item, self._hint.mood if item.key is Key.HINT else item.mood)
        return self._act(message, wide)

    def _act(self, message: int, wide: int) -> int:
        match message:
            case Message.COMMAND:
                self._command(key_of(wide & 0xFFFF), wide >> 16 & 0xFFFF)
            case Message.TIMER if wide == _TICK:
                self._tick()
            case Message.TIMER:
                self._prompt.pad_given_up()
            case Message.CLOSE:
                self._course.refuse(Reason.CANCELLED)
            case Message.DPI_CHANGED:
                self._scale(wide & 0xFFFF)
            case _:
                return 0
        return 1

    def _command(self, key: Key, notice: int) -> None:
        match key:
            case Key.OK:
                self._agree()
            case Key.CANCEL:
                self._course.refuse(Reason.CANCELLED)
            case Key.HALF_WIDTH | Key.UPPER_CASE:
                self._pin.replace(half_width if key is Key.HALF_WIDTH else upper_case)
                self._focus_first()
                self._typed()
            case Key.EXTEND:
                self._prolong()
            case Key.LIST if notice == _EN_SETFOCUS:
                # Tab would select all of it, and an arrow key then jump to its end.
                api.post_message(self._controls.by_key[Key.LIST], _EM_SETSEL, 0, 0)
            case _ if key in _TEXT_FIELDS and notice == _EN_CHANGE:
                self._typed()

    def _focus_changed(self, *, active: bool) -> None:
        if active:
            self._course.guard.gained()
        else:
            self._course.lost_focus()
            if self._edit is not None:
                self._edit.clear()
        self._refresh()

    def _focus_first(self) -> None:
        keys = (Key.PIN, Key.WORD, Key.LIST)
        api.set_focus(next(self._controls.by_key[key] for key in keys if self._controls.is_shown(key)))

    def _agree(self) -> None:
        if self._course.agree():
            self._show_pad_waiting()
        else:
            self._refresh()

    def _show_pad_waiting(self) -> None:
        """After OK for a reader with its own keys: say whose turn it is, until the host ends the window."""
        for key in (Key.OK, Key.CANCEL, Key.EXTEND):
            self._controls.show(key, shown=False)
        for key in _TEXT_FIELDS:
            self._controls.enable(key, enabled=False)
        self._controls.say(Key.REMAINING, self._texts.pad_waiting)
        self._controls.show(Key.REMAINING, shown=True)
        api.set_timer(self._window, _PAD, PAD_SECONDS * 1000, None)

    def _typed(self) -> None:
        self._course.typed()
        self._refresh()

    def _tick(self) -> None:
        if self._course.answered:
            return
        if (left := self._course.last_minute()) is not None:
            self._announce_end(*left)
        self._controls.show(Key.CAPS_LOCK, shown=bool(api.key_state(_VK_CAPITAL) & 1))
        self._refresh()

    def _prolong(self) -> None:
        self._course.prolong()
        self._focus_first()
        for key in (Key.REMAINING, Key.EXTEND):
            self._controls.show(key, shown=False)

    def _announce_end(self, minutes: int, seconds: int) -> None:
        self._controls.say(Key.REMAINING, self._texts.remaining.format(minutes, seconds))
        if not self._controls.is_shown(Key.EXTEND):
            for key in (Key.REMAINING, Key.EXTEND):
                self._controls.show(key, shown=True)
            self._controls.alert(Key.REMAINING)

    def _refresh(self) -> None:
        if self._course.answered:
            return
        works = self._course.ready and self._course.blocker() is None
        if not works and api.get_focus() == self._controls.by_key[Key.OK]:
            self._focus_first()
        self._controls.enable(Key.OK, enabled=works)
        place = self._hint.say(self._course.obstacle(), self._fonts, urgent=self._course.urgent)
        if place is not None:
            self._paint.again(self._window, place)


def run(question: Question, texts: Texts, pin: TypedPin, prompt: Prompt) -> NoReturn:
    """Show the window; the prompt ends the process."""
    screen.be_sharp()
    PinDialog(question, texts, pin, prompt).run()
