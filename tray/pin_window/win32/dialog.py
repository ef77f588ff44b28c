"""The PIN window; what it decides is in `course`."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import time
from collections.abc import Iterable
from typing import NoReturn

from tray.pin_window import fields
from tray.pin_window.answer import Reason
from tray.pin_window.course import PAD_SECONDS, Course
from tray.pin_window.facts import title
from tray.pin_window.fields import Written
from tray.pin_window.form import half_width, upper_case
from tray.pin_window.moods import Mood
from tray.pin_window.prompt import Prompt
from tray.pin_window.question import Question
from tray.pin_window.texts import Texts
from tray.pin_window.typed import TypedPin
from tray.pin_window.win32 import api, screen
from tray.pin_window.win32.frame import Frame
from tray.pin_window.win32.hint import Hint
from tray.pin_window.win32.layout import Item, Key, Rect
from tray.pin_window.win32.pin_edit import PinEdit
from tray.pin_window.win32.plan import plan

_VK_CAPITAL, _EN_CHANGE, _PAD = 0x14, 0x300, 2
_TEXT_FIELDS = frozenset((Key.WORD, Key.INSISTENCE, Key.PERSON))


class PinDialog(Frame):
    def __init__(self, question: Question, texts: Texts, pin: TypedPin, prompt: Prompt) -> None:
        self._question, self._texts, self._pin, self._prompt = question, texts, pin, prompt
        self._course = Course(question, pin, prompt, time.monotonic, self._written)
        guard, language = self._course.guard, question.language
        super().__init__(
            title(question, texts), language, guard, lambda fonts, room: plan(question, texts, fonts, room)
        )
        self._hint = Hint(question, texts, self.controls)
        self.controls.put_off_end(fields.limit(question, texts))
        edit = self.controls.by_key.get(Key.PIN)
        self._edit = None if edit is None else PinEdit(edit, pin, self._typed)

    def command(self, key: Key, notice: int) -> None:
        match key:
            case Key.OK:
                self.enter()
            case Key.CANCEL:
                self.close()
            case Key.HALF_WIDTH | Key.UPPER_CASE:
                self._pin.replace(half_width if key is Key.HALF_WIDTH else upper_case)
                self.focus_first()
                self._typed()
            case Key.EXTEND:
                self._prolong()
            case Key.CHOICE | Key.KEEP:
                self._typed()
            case _ if key in _TEXT_FIELDS and notice == _EN_CHANGE:
                self._typed()

    def enter(self) -> None:
        if self._course.agree():
            self._show_pad_waiting()
        else:
            self.refresh()

    def close(self) -> None:
        self._course.refuse(Reason.CANCELLED)

    def focus_changed(self, *, active: bool) -> None:
        if active:
            self._course.guard.gained()
        else:
            self._course.lost_focus()
            if self._edit is not None:
                self._edit.clear()
        self.refresh()

    def focus_first(self) -> None:
        keys = (Key.PIN, Key.WORD, Key.CHOICE, Key.LIST)
        api.set_focus(next(self.controls.by_key[key] for key in keys if self.controls.is_shown(key)))

    def timer(self, number: int) -> None:
        if number == _PAD:
            self._prompt.pad_given_up()
        self.tick()

    def tick(self) -> None:
        if self._course.answered:
            return
        if (left := self._course.last_minute()) is not None:
            self.controls.announce_end(self._texts.remaining.format(*left))
        self.controls.show(Key.CAPS_LOCK, shown=bool(api.key_state(_VK_CAPITAL) & 1))
        self.refresh()

    def refresh(self) -> None:
        if self._course.answered:
            return
        works = self._course.ready and self._course.blocker() is None
        if not works and api.get_focus() == self.controls.by_key[Key.OK]:
            self.focus_first()
        self.controls.enable(Key.OK, enabled=works)
        place = self._hint.say(self._course.obstacle(), self.fonts, urgent=self._course.urgent)
        if place is not None:
            self.paint_again(place)

    def mood(self, item: Item) -> Mood | None:
        return self._hint.mood if item.key is Key.HINT else item.mood

    def panels(self) -> Iterable[tuple[Rect, Mood | None]]:
        return self._hint.panels(self.plan.panels)

    def _written(self) -> Written:
        return self.controls.written

    def _typed(self) -> None:
        self._course.typed()
        self.refresh()

    def _prolong(self) -> None:
        self._course.prolong()
        self.focus_first()
        self.controls.put_off_end(fields.limit(self._question, self._texts))

    def _show_pad_waiting(self) -> None:
        """After OK for a reader with its own keys: say whose turn it is, until the host ends the window."""
        for key in (Key.OK, Key.CANCEL, Key.EXTEND):
            self.controls.show(key, shown=False)
        for key in _TEXT_FIELDS:
            self.controls.enable(key, enabled=False)
        self.controls.say(Key.REMAINING, self._texts.pad_waiting)
        api.set_timer(self.window, _PAD, PAD_SECONDS * 1000, None)


def run(question: Question, texts: Texts, pin: TypedPin, prompt: Prompt) -> NoReturn:
    """Show the window; the prompt ends the process."""
    screen.be_sharp()
    PinDialog(question, texts, pin, prompt).run(prompt.shown)
