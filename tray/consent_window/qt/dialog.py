"""The window itself: which site, what it would get, and three buttons of which none is pressed by chance."""

from __future__ import annotations

import time
from functools import partial
from itertools import pairwise
from typing import NoReturn

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent, QCursor, QGuiApplication, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tray.consent_window.answer import Answer, give, give_none, say_shown
from tray.consent_window.name import Caution, Name, describe
from tray.consent_window.question import Question
from tray.consent_window.texts import Texts
from tray.pin_window import process
from tray.pin_window.focus import FocusGuard
from tray.pin_window.legible import breakable
from tray.pin_window.moods import Mood
from tray.pin_window.qt.look import box, follow_contrast, muted, rule_line, scaled, wrapped
from tray.pin_window.qt.outline import Outlined

_WIDTH, _MARGIN, _FRAME = 620, 20, 40
"""Pixels at 100 %: the window, its margins, and what the window manager draws around it."""
_LAST_MINUTE, _TICK_MS = 60, 100
_FLAGS = (
    Qt.WindowType.Dialog
    | Qt.WindowType.CustomizeWindowHint
    | Qt.WindowType.WindowTitleHint
    | Qt.WindowType.WindowCloseButtonHint
    | Qt.WindowType.WindowStaysOnTopHint
)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ConsentDialog(QDialog):
    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(None, _FLAGS)
        self._question, self._texts = question, texts
        self._guard = FocusGuard(time.monotonic)
        self._painted = False
        self.setWindowTitle(texts.title)
        self._build(describe(question.origin))
        self._prolong()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)
        self._place()

    def _build(self, name: Name) -> None:
        self._origin = _origin(name, self._texts)
        top = QVBoxLayout()
        top.setContentsMargins(_MARGIN, 16, _MARGIN, 14)
        top.setSpacing(12)
        heading = wrapped(self._texts.question)
        scaled(heading, 1.15, bold=True)
        top.addWidget(heading)
        top.addWidget(self._origin)
        if name.decoded is not None:
            top.addWidget(wrapped(self._texts.decoded.format(name.decoded)))
        if name.caution is not None:
            mood = Mood.DANGER if name.caution is Caution.UNREADABLE else Mood.CAUTION
            top.addWidget(box(self._texts.cautions[name.caution], mood))
        top.addLayout(_rights(self._texts))
        top.addWidget(wrapped(self._texts.never))
        top.addWidget(muted(wrapped(self._texts.revocable)))
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._whole.addLayout(top, 1)
        self._whole.addWidget(rule_line())
        self._whole.addLayout(self._time_row())
        self._whole.addLayout(self._buttons())

    def _time_row(self) -> QHBoxLayout:
        self._remaining = muted(QLabel())
        self._extend = QPushButton(self._texts.extend)
        self._extend.setAutoDefault(False)
        self._extend.clicked.connect(self._prolong)
        row = QHBoxLayout()
        row.setContentsMargins(_MARGIN, 4, _MARGIN, 0)
        row.setSpacing(10)
        row.addWidget(self._remaining)
        row.addWidget(self._extend)
        row.addStretch(1)
        return row

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(_MARGIN, 8, _MARGIN, 14)
        row.setSpacing(10)
        row.addStretch(1)
        named = ((self._texts.remember, Answer.REMEMBER), (self._texts.once, Answer.ONCE), (self._texts.no, Answer.NO))
        self._choices = [self._button(text, answer) for text, answer in named]
        for button in self._choices:
            row.addWidget(button)
        for before, after in pairwise([self._origin, *self._choices, self._extend]):
            QWidget.setTabOrder(before, after)
        return row

    def _button(self, text: str, answer: Answer) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setMinimumSize(110, 34)
        button.clicked.connect(partial(self._chosen, answer))
        return button

    def _place(self) -> None:
        """As high as the content; in the middle of the screen in use."""
        room = (QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()).availableGeometry()
        width = min(_WIDTH, room.width())
        height = min(self._whole.totalHeightForWidth(width), room.height() - _FRAME)
        self.resize(width, height)
        self.move(room.center().x() - width // 2, room.y() + (room.height() - _FRAME - height) // 2)

    def come_forward(self) -> None:
        """Show, and ask the desktop for the focus as far as it grants it."""
        self._origin.setFocus()  # Enter on it does nothing: neither yes nor no is chosen by a stray key
        self.show()
        self.windowHandle().installEventFilter(self)
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, say_shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keys and clicks reach no widget before the guard is open: a page may open this under a moving hand."""
        match event.type():
            case QEvent.Type.KeyPress | QEvent.Type.MouseButtonPress:
                return not self._guard.lets_key_pass()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.ActivationChange:
            (self._guard.gained if self.isActiveWindow() else self._guard.lost)()
            self._refresh()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in _ENTER:
            focused = self.focusWidget()
            if isinstance(focused, QPushButton) and not event.isAutoRepeat():
                focused.click()
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Escape."""
        give(Answer.NO)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()
        give(Answer.NO)

    def _chosen(self, answer: Answer) -> None:
        if self._guard.open:
            give(answer)

    def _tick(self) -> None:
        left = self._ends - time.monotonic()
        if left <= 0:
            give_none()
        if left <= _LAST_MINUTE:
            self._announce_end(left)
        self._refresh()

    def _refresh(self) -> None:
        for button in self._choices:
            button.setEnabled(self._guard.open)

    def _prolong(self) -> None:
        """The person needs more time: the same again from now."""
        self._ends = time.monotonic() + self._question.timeout
        self._remaining.hide()
        self._extend.hide()
        self._origin.setFocus()

    def _announce_end(self, left: float) -> None:
        self._remaining.setText(self._texts.remaining.format(*divmod(int(left + 0.999), 60)))
        if self._extend.isHidden():
            self._remaining.show()
            self._extend.show()
            self.resize(self.width(), self._whole.totalHeightForWidth(self.width()))
            QAccessible.updateAccessibility(QAccessibleEvent(self._remaining, QAccessible.Event.Alert))


def _origin(name: Name, texts: Texts) -> QLabel:
    shown = wrapped(breakable(name.origin))
    scaled(shown, 1.45, bold=True)
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    shown.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    shown.setAccessibleName(f"{texts.origin} {name.origin}")
    return shown


def _rights(texts: Texts) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(wrapped(texts.may))
    for right in texts.rights:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(QLabel("•"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(wrapped(right), 1)
        column.addLayout(row)
    return column


def run(question: Question, texts: Texts) -> NoReturn:
    """Show the window; its answer ends the process."""
    application = QApplication(["card-bridge"])
    application.setStyle(Outlined("fusion"))
    follow_contrast()
    ConsentDialog(question, texts).come_forward()
    process.leave(application.exec())
