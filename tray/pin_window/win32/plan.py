"""The window's parts from top to bottom (pure): header, list, what is filled in, footer; in the Tab key's order."""

from __future__ import annotations

from typing import NamedTuple

from tray.pin_window import fields
from tray.pin_window import texts as words
from tray.pin_window.facts import header, rows
from tray.pin_window.form import Blocker
from tray.pin_window.legible import grouped, legible
from tray.pin_window.moods import Mood
from tray.pin_window.question import Kind, Question
from tray.pin_window.texts import Texts
from tray.pin_window.win32.layout import Column, Face, Item, Key, Measure, Panel, Rect
from tray.pin_window.win32.listing import listed

WIDTHS = (620, 760)
"""Pixels at 100 %, tried in this order until the height fits the screen."""
_MARGIN, _FIELD, _LIST_EDGE = 20, 230, 26
"""`_LIST_EDGE`: the list's scroll bar and margins."""
_LEAST_LINES, _MOST_LABEL = 5, 160


class Size(NamedTuple):
    width: int
    height: int


class Plan(NamedTuple):
    size: Size
    """Of the inside of the window."""
    items: tuple[Item, ...]
    panels: tuple[Panel, ...]
    footer: int
    """Where the footer begins."""
    fits: bool


def plan(question: Question, texts: Texts, measure: Measure, room: Size) -> Plan:
    """The narrowest that fits `room`; the widest, when none does."""
    plans = [_Planner(question, texts, measure, room, width).plan() for width in WIDTHS]
    return next((each for each in plans if each.fits), plans[-1])


class _Planner:
    def __init__(self, question: Question, texts: Texts, measure: Measure, room: Size, width: int) -> None:
        self._question, self._texts, self._measure, self._room = question, texts, measure, room
        margin = measure.scaled(_MARGIN)
        self._width = min(measure.scaled(width), room.width)
        self._column = Column(measure, margin, self._width - 2 * margin, measure.scaled(14))

    def plan(self) -> Plan:
        column, measure = self._column, self._measure
        self._header()
        column.skip(12)
        top, above, panels = column.y, column.items, column.panels
        column.items, column.panels, column.y = [], [], 0
        self._entry()
        column.skip(12)
        footer = self._footer_height()
        shown = self._list(top, self._room.height - top - column.y - footer)
        down = shown.place.bottom + measure.scaled(12) if shown.text else top
        height = down + column.y + footer
        self._footer(column.y)
        return Plan(
            Size(self._width, height),
            (*above, *(item._replace(place=_moved(item.place, down)) for item in column.items), shown),
            tuple(panel._replace(place=_moved(panel.place, down)) for panel in (*panels, *column.panels)),
            height - footer,
            height <= self._room.height,
        )

    def _header(self) -> None:
        column, question, texts = self._column, self._question, self._texts
        column.text(texts.origin, muted=True)
        column.text(legible(question.origin), Face.ORIGIN)
        column.skip(6)
        facts = header(question, texts)
        names = [fact.name for fact in facts] + ([texts.confirmation] if question.confirmation else [])
        inset = max((self._measure.width(name, Face.BODY) for name in names), default=0) + self._measure.scaled(16)
        for fact in facts:
            column.label(fact.name, column.left, column.y, inset, muted=True)
            column.text(fact.value, inset=inset)
            column.skip(4)
        if question.confirmation is not None:
            self._confirmation(grouped(question.confirmation, 4), inset)

    def _confirmation(self, digits: str, inset: int) -> None:
        column, measure = self._column, self._measure
        number = column.label(digits, column.left + inset, column.y, column.room - inset, Face.NUMBER)
        middle = (measure.height(Face.NUMBER) - measure.height(Face.BODY)) // 2
        column.label(self._texts.confirmation, column.left, column.y + middle, inset, muted=True)
        right = number.right + measure.scaled(14)
        room = column.left + column.room - right
        hint = column.label(self._texts.confirmation_hint, right, column.y + middle, room, muted=True)
        column.y = max(number.bottom, hint.bottom)

    def _list(self, top: int, room: int) -> Item:
        """As high as its lines, as far as the screen has room; scrolled beyond that."""
        column, measure = self._column, self._measure
        width = column.room - measure.scaled(_LIST_EDGE)
        lines = listed(rows(self._question, self._texts), width, lambda part: measure.width(part, Face.BODY))
        line, edge = measure.height(Face.BODY), measure.scaled(10)
        least = min(len(lines), _LEAST_LINES) * line + edge
        height = max(min(len(lines) * line + edge, room - measure.scaled(12)), least)
        place = Rect(column.left, top, column.room, height)
        return Item(Key.LIST, "\r\n".join(lines), place, spoken=self._texts.content_access)

    def _entry(self) -> None:
        question, texts, column = self._question, self._texts, self._column
        alarm = fields.alarm(question, texts)
        warnings = "\n".join(fields.warnings(question, texts))
        for text, mood in (
            (texts.notices[question.notice] if question.notice else None, Mood.CAUTION),
            (None if alarm is None else warnings, Mood.DANGER),
        ):
            if text is not None:
                column.box(text, mood)
                column.skip(8)
        self._lead()
        self._fields()
        if question.kind is Kind.PIN and alarm is None:
            column.skip(8)
            column.text(warnings, muted=True)

    def _lead(self) -> None:
        question, texts, column = self._question, self._texts, self._column
        if question.kind is Kind.CONFIRM:
            column.text(texts.lead_confirm)
            return
        column.text(texts.lead_pad if question.pin_pad else texts.lead_pin, Face.LEAD)
        column.skip(4)
        column.text(texts.about_pin)

    def _fields(self) -> None:
        question, texts, column = self._question, self._texts, self._column
        self._inset = self._label_room() + self._measure.scaled(16)
        if question.pin is not None:
            self._offers(self._field(Key.PIN, texts.pin, "", Face.FIELD))
        if question.kind is Kind.PIN and question.tries is not None:
            self._tries(words.tries_left(texts, question.tries))
        if question.insistence is not None:
            column.skip(8)
            column.text(texts.insist_note)
            spoken = texts.insist_access.format(question.insistence)
            self._field(Key.INSISTENCE, texts.insist.format(question.insistence), spoken)
        if question.typed is not None:
            self._field(Key.WORD, texts.word.format(question.typed), texts.word_access.format(question.typed))
        if question.kind is Kind.PIN and question.person:
            place = self._field(Key.PERSON, texts.person, f"{texts.person} {texts.person_note}")
            self._beside(place, texts.person_note)
        if question.kind is Kind.PIN or question.typed is not None:
            column.skip(10)
            column.changing(Key.HINT, [fields.hint(question, texts, found) for found in (*Blocker, None)])

    def _label_room(self) -> int:
        """What the labels left of the fields need; one that would take too much stands above its field."""
        question, texts = self._question, self._texts
        forms = ((texts.insist, question.insistence), (texts.word, question.typed))
        names = [texts.pin, texts.person, *(form.format(word) for form, word in forms if word)]
        widths = (self._measure.width(name, Face.BOLD) for name in names)
        return max(width for width in widths if width <= self._measure.scaled(_MOST_LABEL))

    def _field(self, key: Key, name: str, spoken: str, face: Face = Face.BODY) -> Rect:
        column, measure = self._column, self._measure
        column.skip(8)
        height = measure.height(face) + measure.scaled(8)
        weight = Face.BODY if key is Key.PERSON else Face.BOLD
        if measure.width(name, weight) + measure.scaled(16) > self._inset:
            column.text(name, weight)
            column.skip(4)
        else:
            middle = (height - measure.height(weight)) // 2
            column.label(name, column.left, column.y + middle, self._inset, weight)
        place = Rect(column.left + self._inset, column.y, measure.scaled(_FIELD), height)
        column.items.append(Item(key, "", place, face, spoken=spoken))
        column.y = place.bottom
        return place

    def _offers(self, field: Rect) -> None:
        """Shown when they help; both stand at the same place, since only one of them ever does."""
        for key, text in ((Key.HALF_WIDTH, self._texts.to_half_width), (Key.UPPER_CASE, self._texts.to_upper_case)):
            place = Rect(field.right + self._measure.scaled(12), field.y, self._button_width(text, 0), field.height)
            self._column.items.append(Item(key, text, place))

    def _tries(self, text: str) -> None:
        column, measure, question = self._column, self._measure, self._question
        column.skip(8)
        left = column.left + self._inset
        label = column.label(text, left, column.y, column.room - self._inset, Face.LEAD)
        column.y = label.bottom
        if question.failures:
            column.text(self._texts.failures.format(question.failures), muted=True, inset=self._inset)
        if question.pin is not None:
            lamp = measure.width(self._texts.caps_lock, Face.BOLD) + 2
            place = Rect(column.left + column.room - lamp, label.y, lamp, measure.height(Face.BOLD))
            column.items.append(Item(Key.CAPS_LOCK, self._texts.caps_lock, place, Face.BOLD, Mood.CAUTION))

    def _beside(self, place: Rect, text: str) -> None:
        column, measure = self._column, self._measure
        left = place.right + measure.scaled(12)
        middle = (place.height - measure.height(Face.BODY)) // 2
        column.label(text, left, place.y + middle, column.left + column.room - left, muted=True)

    def _button_width(self, text: str, least: int) -> int:
        width = self._measure.width(text.replace("&", ""), Face.BODY) + 2 * self._measure.scaled(16)
        return max(width, self._measure.scaled(least))

    def _footer_height(self) -> int:
        return self._measure.height(Face.BODY) + self._measure.scaled(16) + 2 * self._measure.scaled(12)

    def _footer(self, top: int) -> None:
        """OK and キャンセル at the right; at the left what is left of the time, once that is shown."""
        measure, column, texts = self._measure, self._column, self._texts
        y, height, gap = top + measure.scaled(12), measure.height(Face.BODY) + measure.scaled(16), measure.scaled(10)
        cancel, ok = (self._button_width(text, 110) for text in (texts.cancel, texts.ok))
        right = column.left + column.room
        column.items.append(Item(Key.OK, texts.ok, Rect(right - cancel - gap - ok, y, ok, height)))
        column.items.append(Item(Key.CANCEL, texts.cancel, Rect(right - cancel, y, cancel, height)))
        remaining = measure.width(texts.remaining.format(88, 88), Face.BODY)
        wide = max(remaining, measure.width(texts.pad_waiting, Face.BODY) if self._question.pin_pad else 0) + 2
        line = measure.height(Face.BODY)
        column.items.append(Item(Key.REMAINING, "", Rect(column.left, y + (height - line) // 2, wide, line)))
        extend = Rect(column.left + remaining + gap, y, self._button_width(texts.extend, 0), height)
        column.items.append(Item(Key.EXTEND, texts.extend, extend))


def _moved(place: Rect, down: int) -> Rect:
    return place._replace(y=place.y + down)
