"""The list of certificates of which one is chosen: each a radio button with what is known of it below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFrame, QRadioButton, QVBoxLayout, QWidget

from tray.pin_window import choice_texts
from tray.pin_window.choice import Candidate, Choice
from tray.pin_window.choice_texts import ChoiceTexts
from tray.pin_window.qt.look import muted, scaled, wrapped

_INDENT = 26
"""Pixels at 100 %: below the button's words, not its circle."""


class CertificateList(QWidget):
    """Nothing is chosen at first: a stray Enter takes no certificate."""

    changed = Signal()

    def __init__(self, choice: Choice, texts: ChoiceTexts) -> None:
        super().__init__()
        self._texts = texts
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(10)
        self.setAccessibleName(texts.group)
        self._buttons = [self._row(rows, candidate) for candidate in choice.candidates]
        group = QButtonGroup(self)  # each stands in a frame of its own; arrows and exclusion go over all of them
        for button in self._buttons:
            group.addButton(button)
        self._remember = QCheckBox(texts.remember)
        self._remember.setChecked(True)
        self._remember.setAccessibleDescription(texts.remember_note)
        rows.addWidget(self._remember)
        note = muted(wrapped(texts.remember_note))
        note.setContentsMargins(_INDENT, 0, 0, 0)
        rows.addWidget(note)

    @property
    def chosen(self) -> int | None:
        """Which, from 0."""
        return next((number for number, button in enumerate(self._buttons) if button.isChecked()), None)

    @property
    def remember(self) -> bool:
        return self._remember.isChecked()

    @property
    def tab_order(self) -> list[QWidget]:
        return [*self._buttons, self._remember]

    @property
    def first(self) -> QWidget:
        """Where the keyboard starts."""
        return next(button for button in self._buttons if button.isEnabled())

    def _row(self, rows: QVBoxLayout, candidate: Candidate) -> QRadioButton:
        name, details = choice_texts.name(candidate, self._texts), choice_texts.details(candidate, self._texts)
        button = QRadioButton(name.replace("&", "&&"))
        scaled(button, 1.1, bold=True)
        button.setEnabled(candidate.selectable)
        button.setAccessibleName("\n".join([name, *details]))
        button.toggled.connect(lambda _: self.changed.emit())
        below = wrapped("\n".join(details))
        below.setContentsMargins(_INDENT, 0, 0, 0)
        frame = QFrame()
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(2)
        inner.addWidget(button)
        inner.addWidget(below)
        rows.addWidget(frame)
        return button
