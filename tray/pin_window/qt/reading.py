"""What will be signed, as a list to read: a statement's lines or the documents, then certificate and card."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QTextEdit

from tray.pin_window.facts import rows
from tray.pin_window.qt.look import fixed_font, mixed
from tray.pin_window.question import Question
from tray.pin_window.texts import Texts


class Reading(QTextEdit):
    """Read-only text, built from characters and formats alone: no markup is ever interpreted."""

    def __init__(self, question: Question, texts: Texts, width: int) -> None:
        """`width` in pixels, as far as the screen allows it."""
        super().__init__()
        self._rows, self._width = rows(question, texts), width
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(texts.content_access)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.document().setDocumentMargin(8)
        self._em = QFontMetricsF(self.font()).horizontalAdvance("国")
        self._label = QTextCharFormat()
        self._label.setForeground(mixed(self.palette().color(_TEXT), self.palette().color(_BASE), 0.3))
        self._digits = QTextCharFormat()
        self._digits.setFont(fixed_font(self.font()))
        self._column = self._value_column()
        self._write()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._height = self._whole_height()
        self.setMaximumHeight(self._height)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The height at which nothing has to be scrolled."""
        return QSize(self._width, self._height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(int(self._em * 16), int(self._em * 6))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Pages scroll by what is seen, and the caret (a screen reader's place) goes along: Qt goes by the caret, which
        stops short of the end inside a very long value."""
        match event.key():
            case Qt.Key.Key_PageDown:
                self._turn_page(1)
            case Qt.Key.Key_PageUp:
                self._turn_page(-1)
            case _:
                super().keyPressEvent(event)

    def _turn_page(self, direction: int) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + direction * (bar.pageStep() - int(self._em * 2)))
        place = bar.value()
        self.setTextCursor(self.cursorForPosition(QPoint(0, 0 if direction < 0 else self.viewport().height() - 1)))
        bar.setValue(place)

    def _whole_height(self) -> int:
        """As much as the list needs, or more than any screen has: a long one is laid out as it is scrolled to."""
        if len(self._rows) > _MOST_ROWS:
            return int(self._em * len(self._rows))
        self.document().setTextWidth(self._width - 2 * self.frameWidth())
        return int(self.document().size().height()) + 2 * self.frameWidth() + 2

    def _write(self) -> None:
        self._cursor = QTextCursor(self.document())
        self._first = True
        self._cursor.beginEditBlock()
        for row in self._rows:
            if row.value is None:
                self._heading(row.label, row.depth)
            else:
                self._pair(row.label, row.value, row.depth, self._digits if row.digits else None)
        self._cursor.endEditBlock()

    def _heading(self, text: str, depth: int = 0) -> None:
        bold = QTextCharFormat()
        bold.setFontWeight(600)
        block = QTextBlockFormat()
        block.setLeftMargin(self._em * depth)
        block.setTopMargin(0 if self._first else self._em * (0.7 if depth == 0 else 0.3))
        self._block(block)
        self._cursor.insertText(text, bold)

    def _pair(self, label: str, value: str, depth: int, value_format: QTextCharFormat | None = None) -> None:
        """Label and value side by side, the value hanging at one column while the label leaves it room."""
        start = self._em * max(depth, 1)
        block = QTextBlockFormat()
        block.setLeftMargin(max(self._column, start + self._em))
        block.setTextIndent(start - block.leftMargin())
        block.setTopMargin(self._em * 0.15)
        tab = QTextOption.Tab(block.leftMargin() - start, QTextOption.TabType.LeftTab)
        block.setTabPositions([tab])
        self._block(block)
        if label:
            self._cursor.insertText(label, self._label)
        self._cursor.insertText("\t", self._label)
        self._cursor.insertText(value, value_format or QTextCharFormat())

    def _value_column(self) -> float:
        """Where values begin: right of the longest label, within bounds; a longer label pushes its own value on."""
        metrics = QFontMetricsF(self.font())
        pairs = [row for row in self._rows if row.value is not None]
        ends = [self._em * max(row.depth, 1) + metrics.horizontalAdvance(row.label[:40]) for row in pairs]
        return min(max([self._em * 8, *ends]) + self._em, self._em * 15)

    def _block(self, block: QTextBlockFormat) -> None:
        # A value that begins with a Hebrew or Arabic letter must not turn its line around.
        block.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        if self._first:
            self._cursor.setBlockFormat(block)
        else:
            self._cursor.insertBlock(block)
        self._first = False


_MOST_ROWS = 300
_TEXT, _BASE = QPalette.ColorRole.Text, QPalette.ColorRole.Base
