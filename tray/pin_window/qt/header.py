"""The top of the window: who asks, for what, in whose name, and the number to compare with the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tray.pin_window.facts import header
from tray.pin_window.legible import breakable, grouped, legible
from tray.pin_window.moods import Mood
from tray.pin_window.qt.look import box, muted, scaled, wrapped
from tray.pin_window.question import Question
from tray.pin_window.texts import Texts


class Header(QWidget):
    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addLayout(_origin(question.origin, texts))
        rows.addLayout(_facts(question, texts))


def _origin(origin: str, texts: Texts) -> QVBoxLayout:
    shown = wrapped(breakable(legible(origin)))
    scaled(shown, 1.45, bold=True)
    shown.setAccessibleName(f"{texts.origin} {legible(origin)}")
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(muted(QLabel(texts.origin)))
    column.addWidget(shown)
    return column


def _facts(question: Question, texts: Texts) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for fact in header(question, texts):
        _add(grid, fact.name, box(fact.value, Mood.CAUTION, bold=True) if fact.caution else wrapped(fact.value))
    if question.confirmation is not None:
        grid.addWidget(muted(QLabel(texts.confirmation)), grid.rowCount(), 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addLayout(_confirmation(question.confirmation, texts), grid.rowCount() - 1, 1)
    return grid


def _add(grid: QGridLayout, name: str, value: QLabel) -> None:
    row = grid.rowCount()
    grid.addWidget(muted(QLabel(name)), row, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(value, row, 1)


def _confirmation(number: str, texts: Texts) -> QHBoxLayout:
    digits = QLabel(grouped(number, 4))
    scaled(digits, 1.7, bold=True)
    digits.setAccessibleName(f"{texts.confirmation} {' '.join(number)}")
    row = QHBoxLayout()
    row.setSpacing(14)
    row.addWidget(digits)
    row.addWidget(muted(wrapped(texts.confirmation_hint)), 1)
    return row
