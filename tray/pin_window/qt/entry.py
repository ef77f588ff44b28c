"""The part that is filled in: PIN番号, a typed word if one is asked for, 担当者; and what keeps OK from working."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tray.pin_window import choice_texts, fields
from tray.pin_window import texts as words
from tray.pin_window.choice import Choice
from tray.pin_window.fields import Written
from tray.pin_window.form import Blocker, half_width, upper_case
from tray.pin_window.moods import Mood
from tray.pin_window.qt.choice import CertificateList
from tray.pin_window.qt.look import box, muted, paint, scaled, wrapped
from tray.pin_window.qt.pin_field import PinField
from tray.pin_window.question import Kind, Question
from tray.pin_window.texts import Texts
from tray.pin_window.typed import TypedPin

_FIELD = 230


class Entry(QWidget):
    changed = Signal()

    def __init__(self, question: Question, texts: Texts, pin: TypedPin) -> None:
        super().__init__()
        self._question, self._texts, self._pin = question, texts, pin
        self._said: tuple[Blocker | None, bool] | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._build()

    @property
    def first_field(self) -> QWidget | None:
        """Where typing starts; None if nothing has to be filled in."""
        return self.pin or self.word or (None if self.choice is None else self.choice.first)

    @property
    def tab_order(self) -> list[QWidget]:
        pin_row: list[QWidget] = [] if self.pin is None else [self.pin, self._half_width, self._upper_case]
        pin_row += [] if self.choice is None else self.choice.tab_order
        return pin_row + [field for field in (self.insistence, self.word, self.person) if field is not None]

    @property
    def written(self) -> Written:
        texts = _text(self.person), _text(self.word), _text(self.insistence)
        return Written(*texts, *(() if self.choice is None else (self.choice.chosen, self.choice.remember)))

    def say(self, blocker: Blocker | None, *, urgent: bool) -> None:
        """Show what keeps OK from working; `urgent` after the person pressed Enter all the same."""
        wrong = urgent or blocker in fields.WRONG
        self._half_width.setVisible(blocker is Blocker.PIN_FULL_WIDTH)
        self._upper_case.setVisible(blocker is Blocker.PIN_LOWER_CASE)
        if (blocker, wrong) == self._said:
            return
        self._said = (blocker, wrong)
        self._hint.setText(fields.hint(self._question, self._texts, blocker))
        paint(self._hint, Mood.DANGER if wrong else Mood.CAUTION if blocker is Blocker.INTERRUPTED else Mood.NOTE)
        self._hint.setVisible(self._question.kind is not Kind.CONFIRM or blocker is not None)
        if wrong and blocker is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(self._hint, QAccessible.Event.Alert))

    def show_caps_lock(self, on: bool | None) -> None:
        seen = self.pin.caps_lock_seen if self.pin is not None and on is None else on
        self._caps_lock.setVisible(bool(seen))

    def hold(self, held: bool) -> None:
        """While the window is not ready for keys, the field says so by its look."""
        if self.pin is not None and self.pin.isReadOnly() != held:
            self.pin.setReadOnly(held)

    def _build(self) -> None:
        question, texts = self._question, self._texts
        if question.notice is not None:
            self._rows.addWidget(box(texts.notices[question.notice], Mood.CAUTION, bold=True))
        alarm = fields.alarm(question, texts)
        if alarm is not None:
            self._rows.addWidget(box("\n".join(fields.warnings(question, texts)), Mood.DANGER, bold=True))
        self._rows.addWidget(self._lead())
        if question.kind is Kind.PIN:
            self._rows.addWidget(wrapped(texts.about_pin))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(2, 1)
        self._build_helps()
        self.choice = None if question.choice is None else self._choice_row(question.choice)
        self.pin = self._pin_row() if question.pin is not None else None
        self._rows.addLayout(self._grid)
        if question.kind is Kind.PIN:
            self._tries_row()
        self.insistence = None if question.insistence is None else self._insistence_row(question.insistence)
        self.word = None if question.typed is None else self._word_row(question.typed)
        self.person = self._person_row() if question.kind is Kind.PIN and question.person else None
        self._grid.addWidget(self._hint, self._grid.rowCount(), 0, 1, 3)
        if question.kind is Kind.PIN and alarm is None:
            self._rows.addWidget(muted(wrapped("\n".join(fields.warnings(question, texts)))))

    def _lead(self) -> QLabel:
        texts = self._texts
        if self._question.choice is not None:
            choosing = choice_texts.load(self._question.language)
            lead = wrapped(choosing.lead[self._question.choice.purpose])
            scaled(lead, 1.1, bold=True)
            return lead
        if self._question.kind is Kind.CONFIRM:
            return wrapped(texts.lead_confirm)
        lead = wrapped(texts.lead_pad if self._question.pin_pad else texts.lead_pin)
        scaled(lead, 1.1, bold=True)
        return lead

    def _choice_row(self, choice: Choice) -> CertificateList:
        found = CertificateList(choice, choice_texts.load(self._question.language))
        found.changed.connect(self.changed)
        self._rows.addWidget(found)
        return found

    def _build_helps(self) -> None:
        self._hint = wrapped()
        self._half_width = self._offer(self._texts.to_half_width, half_width)
        self._upper_case = self._offer(self._texts.to_upper_case, upper_case)
        self._caps_lock = box(self._texts.caps_lock, Mood.CAUTION)
        self._caps_lock.hide()

    def _offer(self, text: str, change: Callable[[int], int]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.hide()
        button.clicked.connect(lambda: self._accept_offer(change))
        return button

    def _accept_offer(self, change: Callable[[int], int]) -> None:
        self._pin.replace(change)
        if self.pin is not None:
            self.pin.setFocus()
        self.changed.emit()

    def _pin_row(self) -> PinField:
        field = PinField(self._pin)
        field.setFixedWidth(_FIELD)
        scaled(field, 1.25)
        field.setAccessibleName(self._texts.pin)
        field.setAccessibleDescription(fields.spoken(self._question, self._texts))
        field.textChanged.connect(self.changed)
        self._add(self._texts.pin, field, bold=True)
        helps = QHBoxLayout()
        for widget in (self._half_width, self._upper_case, self._caps_lock):
            helps.addWidget(widget)
        helps.addStretch(1)
        self._grid.addLayout(helps, self._grid.rowCount() - 1, 2)
        return field

    def _tries_row(self) -> None:
        """Tries left, and what was refused here."""
        tries, texts = self._question.tries, self._texts
        if tries is None:
            return
        label = QLabel(words.tries_left(texts, tries))
        scaled(label, 1.1, bold=True)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(label)
        if self._question.failures:
            row.addWidget(muted(QLabel(texts.failures.format(self._question.failures))))
        row.addStretch(1)
        self._grid.addLayout(row, self._grid.rowCount(), 1, 1, 2)

    def _word_row(self, word: str) -> QLineEdit:
        field = self._text_field(self._texts.word_access.format(word))
        self._add(self._texts.word.format(word), field, bold=True)
        return field

    def _insistence_row(self, word: str) -> QLineEdit:
        self._grid.addWidget(wrapped(self._texts.insist_note), self._grid.rowCount(), 0, 1, 3)
        field = self._text_field(self._texts.insist_access.format(word))
        self._add(self._texts.insist.format(word), field)
        return field

    def _text_field(self, spoken: str) -> QLineEdit:
        field = QLineEdit()
        field.setMaxLength(fields.MAX_LENGTH)
        field.setFixedWidth(_FIELD)
        field.setAccessibleName(spoken)
        field.textChanged.connect(self.changed)
        return field

    def _person_row(self) -> QLineEdit:
        field = self._text_field(f"{self._texts.person} {self._texts.person_note}")
        self._add(self._texts.person, field)
        self._grid.addWidget(muted(QLabel(self._texts.person_note)), self._grid.rowCount() - 1, 2)
        return field

    def _add(self, name: str, field: QLineEdit, *, bold: bool = False) -> None:
        label = QLabel(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setBuddy(field)
        if bold:
            scaled(label, 1, bold=True)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1)


def _text(field: QLineEdit | None) -> str:
    return "" if field is None else field.text().strip()
