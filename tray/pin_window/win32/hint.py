"""The line that says what to do next, its colour, and the offers to put a PIN's width or case right."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

from collections.abc import Iterable, Iterator

from tray.pin_window import fields
from tray.pin_window.form import Blocker
from tray.pin_window.moods import Mood
from tray.pin_window.question import Kind, Question
from tray.pin_window.texts import Texts
from tray.pin_window.win32.controls import Controls
from tray.pin_window.win32.fonts import Fonts
from tray.pin_window.win32.layout import Face, Key, Panel, Rect
from tray.pin_window.win32.wrap import wrap


class Hint:
    def __init__(self, question: Question, texts: Texts, controls: Controls) -> None:
        self._question, self._texts, self._controls = question, texts, controls
        self._panel: Rect | None = None
        self.mood: Mood | None = Mood.NOTE

    def panels(self, planned: Iterable[Panel]) -> Iterator[tuple[Rect, Mood | None]]:
        """Every box with its colour of the moment."""
        for panel in planned:
            if panel.mood is None:
                self._panel = panel.place
            yield panel.place, panel.mood or self.mood

    def say(self, found: Blocker | None, fonts: Fonts, *, urgent: bool) -> Rect | None:
        """Show what keeps OK from working; returns what has to be painted again."""
        self._controls.show(Key.HALF_WIDTH, shown=found is Blocker.PIN_FULL_WIDTH)
        self._controls.show(Key.UPPER_CASE, shown=found is Blocker.PIN_LOWER_CASE)
        mood = self._mood(found, urgent=urgent)
        silent = self._question.kind is Kind.CONFIRM and found is None
        text = "" if silent else fields.hint(self._question, self._texts, found)
        if not self._controls.say(Key.HINT, self._wrapped(text, fonts)) and mood is self.mood:
            return None
        self.mood = mood
        if mood is Mood.DANGER:
            self._controls.alert(Key.HINT)
        return self._panel

    def _mood(self, found: Blocker | None, *, urgent: bool) -> Mood | None:
        if self._question.kind is Kind.CONFIRM and found is None:
            return None
        if found is not None and (urgent or found in fields.WRONG):
            return Mood.DANGER
        return Mood.CAUTION if found is Blocker.INTERRUPTED else Mood.NOTE

    def _wrapped(self, text: str, fonts: Fonts) -> str:
        if (place := self._controls.place(Key.HINT)) is None:
            return text
        return "\n".join(wrap(text, place.width, lambda part: fonts.width(part, Face.BODY)))
