"""The window itself: header, what is signed, what is filled in, and two buttons that are always in sight."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import NoReturn

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent, QCursor, QGuiApplication, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tray.pin_window import fields, process
from tray.pin_window.answer import Reason
from tray.pin_window.course import PAD_SECONDS, Course
from tray.pin_window.facts import title
from tray.pin_window.prompt import Prompt
from tray.pin_window.qt.caps_lock import caps_lock_reader
from tray.pin_window.qt.entry import Entry
from tray.pin_window.qt.header import Header
from tray.pin_window.qt.look import follow_contrast, muted, rule_line
from tray.pin_window.qt.outline import Outlined
from tray.pin_window.qt.reading import Reading
from tray.pin_window.question import Question
from tray.pin_window.texts import Texts
from tray.pin_window.typed import TypedPin

_WIDTH, _MARGIN, _FRAME = 620, 20, 40
"""Pixels at 100 %: the window, its margins, and what the window manager draws around it."""
_BELOW = 80
"""Pixels at 100 %: what stays in sight below the field on a small screen, the tries left above all."""
_TICK_MS = 100
_FLAGS = (
    Qt.WindowType.Dialog
    | Qt.WindowType.CustomizeWindowHint
    | Qt.WindowType.WindowTitleHint
    | Qt.WindowType.WindowCloseButtonHint
    | Qt.WindowType.WindowStaysOnTopHint
)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Body(QWidget):
    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """What a scroll area takes for the least height: let the list shrink first, and only then scroll the whole."""
        layout = self.layout()
        return 0 if layout is None else layout.minimumHeightForWidth(width)


class PinDialog(QDialog):
    def __init__(self, question: Question, texts: Texts, pin: TypedPin, prompt: Prompt) -> None:
        super().__init__(None, _FLAGS)
        self._question, self._texts, self._pin, self._prompt = question, texts, pin, prompt
        self._course = Course(question, pin, prompt, time.monotonic, lambda: self._entry.written)
        self._painted = False
        self.setWindowTitle(title(question, texts))
        self._build()
        self._prolong()
        self._start()
        self._place(self._column)

    def _build(self) -> None:
        self._entry = Entry(self._question, self._texts, self._pin)
        self._reading = Reading(self._question, self._texts, min(_WIDTH, _screen_room().width()) - 2 * _MARGIN)
        self._reading.setVisible(not self._reading.document().isEmpty())
        self._body = _Body()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(_MARGIN, 16, _MARGIN, 12)
        column.setSpacing(12)
        column.addWidget(Header(self._question, self._texts))
        column.addWidget(self._reading, 1)
        column.addWidget(self._entry)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(rule_line())
        footer = self._footer()
        whole.addLayout(footer)
        self._footer_height = footer.sizeHint().height() + 2
        self._column = column

    def _footer(self) -> QHBoxLayout:
        self._remaining = muted(QLabel())
        self._extend = QPushButton(self._texts.extend)
        self._extend.setAutoDefault(False)
        self._extend.clicked.connect(self._prolong)
        self._ok, self._cancel = QPushButton(self._texts.ok), QPushButton(self._texts.cancel)
        row = QHBoxLayout()
        row.setContentsMargins(_MARGIN, 12, _MARGIN, 14)
        row.setSpacing(10)
        row.addWidget(self._remaining)
        row.addWidget(self._extend)
        row.addStretch(1)
        for button in (self._ok, self._cancel):
            button.setAutoDefault(False)
            button.setMinimumSize(110, 34)
            row.addWidget(button)
        self._ok.clicked.connect(self._agree)
        self._cancel.clicked.connect(lambda: self._course.refuse(Reason.CANCELLED))
        return row

    def _place(self, column: QVBoxLayout) -> None:
        """As high as the content, at most as high as the screen; in the middle of the screen in use."""
        room = _screen_room()
        width = min(_WIDTH, room.width())
        height = min(column.heightForWidth(width) + self._footer_height, room.height() - _FRAME)
        self.resize(width, height)
        self.move(room.center().x() - width // 2, room.y() + (room.height() - _FRAME - height) // 2)

    def _start(self) -> None:
        self._entry.changed.connect(self._typed)
        self._read_caps_lock = caps_lock_reader(QGuiApplication.platformName())
        for before, after in pairwise([*self._entry.tab_order, self._ok, self._cancel, self._extend, self._reading]):
            QWidget.setTabOrder(before, after)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)
        self._refresh()

    def come_forward(self) -> None:
        """Show, and ask the desktop for the focus as far as it grants it."""
        self.show()
        self.windowHandle().installEventFilter(self)
        if (field := self._entry.first_field) is not None:
            end = field.mapTo(self._body, field.rect().bottomLeft())
            self._scroll.ensureVisible(end.x(), end.y(), 0, _BELOW)
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def _grow(self) -> None:
        """Some sizes are final only once shown: what is still lacking is added, as far as the screen has room."""
        shown = 0 if self._reading.isHidden() else self._reading.sizeHint().height() - self._reading.height()
        lacking = max(shown, self._scroll.verticalScrollBar().maximum())
        if lacking > 0:
            self.resize(self.width(), min(self.height() + lacking, _screen_room().height() - _FRAME))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._grow)
            QTimer.singleShot(0, self._prompt.shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keys and clicks reach no widget before the guard is open; a key held down elsewhere never does."""
        match event.type():
            case QEvent.Type.KeyPress | QEvent.Type.MouseButtonPress:
                return not self._course.guard.lets_key_pass()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.ActivationChange:
            self._focus_changed(self.isActiveWindow())
        super().changeEvent(event)

    def _focus_changed(self, active: bool) -> None:
        if active:
            self._course.guard.gained()
        else:
            self._course.lost_focus()
            if self._entry.pin is not None:
                self._entry.pin.clear_pin()
        self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in _ENTER:
            if not event.isAutoRepeat():
                self._enter()
        elif event.key() == Qt.Key.Key_Escape:
            self._course.refuse(Reason.CANCELLED)
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        focused = self.focusWidget()
        if isinstance(focused, QPushButton):
            focused.click()
        elif focused is not self._reading:
            self._agree()

    def _agree(self) -> None:
        if self._course.agree():
            self._show_pad_waiting()
        else:
            self._refresh()

    def reject(self) -> None:
        self._course.refuse(Reason.CANCELLED)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()
        self._course.refuse(Reason.CANCELLED)

    def _show_pad_waiting(self) -> None:
        """After OK for a reader with its own keys: say whose turn it is, until the host ends the window."""
        for button in (self._ok, self._cancel, self._extend):
            button.hide()
        self._entry.setEnabled(False)
        self._remaining.setText(self._texts.pad_waiting)
        QTimer.singleShot(PAD_SECONDS * 1000, self._prompt.pad_given_up)

    def _typed(self) -> None:
        self._course.typed()
        self._refresh()

    def _tick(self) -> None:
        if self._course.answered:
            return
        if (left := self._course.last_minute()) is not None:
            self._announce_end(*left)
        self._entry.show_caps_lock(self._read_caps_lock() if self._entry.pin is not None else False)
        self._refresh()

    def _prolong(self) -> None:
        self._course.prolong()
        self._remaining.setText(fields.limit(self._question, self._texts))
        self._extend.hide()
        (self._entry.first_field or self._reading).setFocus()

    def _announce_end(self, minutes: int, seconds: int) -> None:
        self._remaining.setText(self._texts.remaining.format(minutes, seconds))
        if self._extend.isHidden():
            self._extend.show()
            QAccessible.updateAccessibility(QAccessibleEvent(self._remaining, QAccessible.Event.Alert))

    def _refresh(self) -> None:
        ready = self._course.ready
        self._ok.setEnabled(ready and self._course.blocker() is None)
        self._entry.hold(not ready)
        self._entry.say(self._course.obstacle(), urgent=self._course.urgent)


def _screen_room() -> QRect:
    screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
    return screen.availableGeometry()


def run(question: Question, texts: Texts, pin: TypedPin, prompt: Prompt) -> NoReturn:
    """Show the window; the prompt ends the process."""
    application = QApplication(["card-bridge"])
    application.setStyle(Outlined("fusion"))
    follow_contrast()
    PinDialog(question, texts, pin, prompt).come_forward()
    process.leave(application.exec())
