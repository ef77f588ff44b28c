"""The window's parts from top to bottom (pure): header, list, what is filled in, footer; in the Tab key's order."""

from __future__ import annotations

from functools import cache, partial

from tray.pin_window import choice_texts, fields
from tray.pin_window import texts as words
from tray.pin_window.choice import Choice
from tray.pin_window.choice_texts import ChoiceTexts
from tray.pin_window.facts import header, rows
from tray.pin_window.form import Blocker
from tray.pin_window.legible import grouped, legible
from tray.pin_window.moods import Mood
from tray.pin_window.question import Kind, Question
from tray.pin_window.texts import Texts
from tray.pin_window.win32.layout import (
    Column,
    Face,
    Item,
    Key,
    Measure,
    Plan,
    Rect,
    Size,
    button_width,
    footer_height,
    footer_left,
)
from tray.pin_window.win32.listing import listed

WIDTHS = (620, 760)
"""Pixels at 100 %, tried in this order until the height fits the screen."""
_MARGIN, _FIELD, _LIST_EDGE = 20, 230, 26
"""`_LIST_EDGE`: the list's scroll bar and margins."""
_LEAST_LINES, _MOST_LABEL, _BOX = 5, 160, 22
_NOWHERE = Rect(0, 0, 0, 0)


def plan(question: Question, texts: Texts, measure: Measure, room: Size) -> Plan:
    """The narrowest that fits `room`; the widest, when none does."""
    for width in WIDTHS:
        found = _Planner(question, texts, measure, room, width).plan()
        if found.fits:
            break
    return found


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
        footer = footer_height(measure)
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
            shown.place.height < self._list_height(shown.text.count("\r\n") + 1),
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
            column.text(fact.value, Face.BOLD if fact.caution else Face.BODY, inset=inset)
            if fact.caution:
                column.items[-1] = column.items[-1]._replace(mood=Mood.CAUTION)
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
        # Asked for once each: what hundreds of documents have in common is most of their lines.
        lines = listed(rows(self._question, self._texts), width, cache(partial(_width, measure)))
        least = self._list_height(min(len(lines), _LEAST_LINES))
        height = max(min(self._list_height(len(lines)), room - measure.scaled(12)), least)
        place = Rect(column.left, top, column.room, height)
        return Item(Key.LIST, "\r\n".join(lines), place, spoken=self._texts.content_access)

    def _list_height(self, lines: int) -> int:
        return lines * self._measure.height(Face.BODY) + self._measure.scaled(10)

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
        if question.choice is None:
            self._lead()
        else:
            self._choice(question.choice, choice_texts.load(question.language))
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

    def _choice(self, choice: Choice, choosing: ChoiceTexts) -> None:
        """Check boxes, of which the window lets one be checked: a radio button is chosen by the mere focus."""
        column, measure = self._column, self._measure
        column.text(choosing.lead[choice.purpose], Face.LEAD)
        for number, candidate in enumerate(choice.candidates):
            column.skip(10)
            said = [choice_texts.name(candidate, choosing), *choice_texts.details(candidate, choosing)]
            self._box(Item(Key.CHOICE, "\n".join(said), _NOWHERE, number=number, enabled=candidate.selectable))
        column.skip(12)
        self._box(Item(Key.KEEP, choosing.remember, _NOWHERE))
        column.text(choosing.remember_note, muted=True, inset=measure.scaled(_BOX))

    def _box(self, item: Item) -> None:
        column, measure = self._column, self._measure
        lines = column.lines(item.text, column.room - measure.scaled(_BOX + 6), item.face)
        height = measure.height(item.face) * len(lines) + measure.scaled(4)
        place = Rect(column.left, column.y, column.room, height)
        # A button reads & as the mark of its key; what is not ours may hold one.
        text = "\n".join(lines) if item.key is Key.KEEP else "\n".join(lines).replace("&", "&&")
        column.items.append(item._replace(text=text, place=place))
        column.y = place.bottom

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
        if question.kind is not Kind.CONFIRM or question.typed is not None:
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
            left, width = field.right + self._measure.scaled(12), button_width(self._measure, text, 0)
            place = Rect(left, field.y, width, field.height)
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

    def _footer(self, top: int) -> None:
        """OK and キャンセル at the right; at the left what is left of the time, once that is shown."""
        measure, column, texts = self._measure, self._column, self._texts
        y, height, gap = top + measure.scaled(12), measure.height(Face.BODY) + measure.scaled(16), measure.scaled(10)
        cancel, ok = (button_width(measure, text, 110) for text in (texts.cancel, texts.ok))
        right = column.left + column.room
        column.items.append(Item(Key.OK, texts.ok, Rect(right - cancel - gap - ok, y, ok, height)))
        column.items.append(Item(Key.CANCEL, texts.cancel, Rect(right - cancel, y, cancel, height)))
        others = [fields.limit(self._question, texts), texts.pad_waiting if self._question.pin_pad else ""]
        column.items += footer_left(measure, column.left, y, texts.remaining, texts.extend, others)


def _width(measure: Measure, text: str) -> int:
    return measure.width(text, Face.BODY)


def _moved(place: Rect, down: int) -> Rect:
    return place._replace(y=place.y + down)
