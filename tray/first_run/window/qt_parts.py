"""The two halves of the window: the list of steps, and the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from tray.first_run.course import Mark
from tray.first_run.page import Entry, Line, Mood, Page
from tray.pin_window import moods
from tray.pin_window.qt.look import box, muted, scaled, wrapped

_SIGNS: Final = {Mark.UNSEEN: "○", Mark.GOOD: "✓", Mark.ATTENTION: "！"}
_STEPS_WIDTH: Final = 200


class StepList(QWidget):
    """Every step with its mark in words for a screen reader; the present one in bold."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self.setMinimumWidth(_STEPS_WIDTH)

    def show_steps(self, steps: Sequence[Entry]) -> None:
        _empty(self._column)
        for entry in steps:
            label = QLabel(f"{_SIGNS[entry.mark]}  {entry.text}")
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAccessibleName(entry.spoken)
            if entry.here:
                scaled(label, 1.0, bold=True)
            else:
                muted(label)
            self._column.addWidget(label)
        self._column.addStretch(1)


class PageView(QScrollArea):
    """Heading, explanation, what was found, and what can be done."""

    def __init__(self, choose: Callable[[str], None]) -> None:
        super().__init__()
        self._choose = choose
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.first: QWidget = self
        self.fields: list[QWidget] = []

    def show_page(self, shown: Page, actions: Sequence[QPushButton]) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        self.first = _heading(shown)
        column.addWidget(self.first)
        column.addWidget(wrapped(shown.about))
        for line in shown.lines:
            column.addWidget(_line(line))
        self.fields = [] if not shown.choices else [self._choices(shown, column)]
        column.addLayout(_row(actions))
        column.addStretch(1)
        self.setWidget(inside)

    def _choices(self, shown: Page, column: QVBoxLayout) -> QComboBox:
        field = QComboBox()
        field.setMinimumHeight(34)
        field.setAccessibleName(shown.question)
        for choice in shown.choices:
            field.addItem(choice.text, choice.name)
        field.setCurrentIndex(max(0, field.findData(shown.chosen)))
        field.activated.connect(lambda place: self._choose(str(field.itemData(place))))
        label = QLabel(shown.question)
        label.setBuddy(field)
        column.addWidget(label)
        column.addWidget(field)
        return field


def _heading(shown: Page) -> QLabel:
    heading = wrapped(shown.heading)
    scaled(heading, 1.25, bold=True)
    heading.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    heading.setAccessibleName("\n".join((shown.heading, shown.about, *(line.text for line in shown.lines))))
    return heading


def _line(line: Line) -> QLabel:
    match line.mood:
        case Mood.ATTENTION:
            return box(f"！ {line.text}", moods.Mood.CAUTION)
        case Mood.NOTE:
            return box(line.text, moods.Mood.NOTE)
    return wrapped(f"✓ {line.text}")


def _row(buttons: Sequence[QPushButton]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _empty(column: QVBoxLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.deleteLater()
