"""The window with Qt: steps on the left, the page on the right, ways on at the bottom. Work runs on a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tray.first_run.course import Action, State
from tray.first_run.page import Button, page
from tray.first_run.texts import load
from tray.first_run.window.qt_parts import PageView, StepList
from tray.first_run.work import WORKING, Work
from tray.pin_window.qt.look import follow_contrast, muted, rule_line
from tray.pin_window.qt.outline import Outlined

_WIDTH, _HEIGHT, _MARGIN = 860, 620, 20
"""Pixels at 100 %."""
_SIGNATURES: Final = frozenset({Action.SIGN, Action.PRACTISE})


class _Job(QObject):
    """Work on another thread; its end comes back to the window's."""

    ended = Signal(object)

    def start(self, work: Callable[[], State]) -> None:
        threading.Thread(target=lambda: self.ended.emit(work()), name=WORKING).start()


class SetupWindow(QDialog):
    def __init__(self, work: Work, state: State, language: str) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._work, self._state, self._language = work, state, language
        self._texts = load(language)
        self._busy = self._closing = False
        self._job = _Job()
        self._job.ended.connect(self._take)
        self.setWindowTitle(self._texts.title)
        self._steps = StepList(self._texts.menu)
        self._view = PageView(self._choose)
        self._waiting = muted(QLabel())
        self._build()
        self._start(self._texts.working, lambda: work.seen(state))

    def _build(self) -> None:
        middle = QHBoxLayout()
        middle.setContentsMargins(_MARGIN, 16, _MARGIN, 8)
        middle.setSpacing(_MARGIN)
        middle.addWidget(self._steps, 0)
        middle.addWidget(self._view, 1)
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(_MARGIN, 8, _MARGIN, 14)
        self._foot.setSpacing(10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(middle, 1)
        whole.addWidget(rule_line())
        whole.addLayout(self._foot)
        room = QGuiApplication.primaryScreen().availableGeometry()
        factor = max(1.0, self.fontMetrics().height() / 18)  # large text needs a large window
        self.resize(min(round(_WIDTH * factor), room.width()), min(round(_HEIGHT * factor), room.height() - 40))

    def _draw(self) -> None:
        shown = page(self._state, self._language)
        self._steps.show_steps(shown.steps)
        actions = [self._button(button) for button in shown.buttons]
        self._view.show_page(shown, actions)
        self._clear_foot()
        later = [] if shown.later is None else [self._button(shown.later)]
        for button in later:
            self._foot.addWidget(button)
        self._foot.addWidget(self._waiting, 1)
        ways = [self._button(each) for each in (shown.back, shown.forward) if each is not None]
        for button in ways:
            self._foot.addWidget(button)
        ways[-1].setDefault(True)
        self._order([self._view.first, *self._view.fields, *actions, *reversed(ways), *later])

    def _order(self, widgets: list[QWidget]) -> None:
        for before, after in pairwise(widgets):
            QWidget.setTabOrder(before, after)
        self._view.first.setFocus()  # a screen reader reads the page from its heading on

    def _clear_foot(self) -> None:
        while (item := self._foot.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self._waiting:
                widget.deleteLater()

    def _button(self, button: Button) -> QPushButton:
        made = QPushButton(button.text)
        made.setMinimumSize(110, 34)
        made.clicked.connect(partial(self._pressed, button.action))
        return made

    def _pressed(self, action: Action) -> None:
        if self._busy:
            return
        if action in (Action.LATER, Action.FINISH):
            self._work.do(self._state, action)
            self._closing = True
            self.close()
            return
        words = self._texts.signing if action in _SIGNATURES else self._texts.working
        self._start(words, partial(self._work.attempt, self._state, action))

    def _choose(self, name: str) -> None:
        if not self._busy:
            self._state = self._work.choose(self._state, name)
            self._draw()

    def _start(self, words: str, work: Callable[[], State]) -> None:
        self._busy = True
        self._draw()
        self._waiting.setText(words)
        for button in self.findChildren(QPushButton):
            button.setEnabled(False)
        self._job.start(work)

    def _take(self, state: State) -> None:
        self._busy = False
        self._state = state
        self._waiting.clear()
        if self._closing:
            self.close()
            return
        self._draw()
        self.come_forward()

    def come_forward(self) -> None:
        """Also from the taskbar. One that goes from the screen stays away."""
        if not self._closing:
            self.setWindowState((self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
            self.raise_()
            self.activateWindow()

    def reject(self) -> None:
        """Escape."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """While work goes on, it is called off and the window goes from the screen; the program ends with the work."""
        if self._busy:
            self._closing = True
            self._work.call_off()
            self.hide()
            event.ignore()
            return
        if not self._closing:
            self._work.do(self._state, Action.LATER)
        event.accept()
        QApplication.exit(0)


def run(work: Work, state: State, language: str, lock: Path) -> int:
    """Show the window until it is closed; it comes forward when the lock's file is touched."""
    application = QApplication(["card-bridge"])
    application.setStyle(Outlined("fusion"))
    follow_contrast()
    application.setQuitOnLastWindowClosed(False)
    window = SetupWindow(work, state, language)
    window.show()
    window.come_forward()
    knocks = QFileSystemWatcher([str(lock)])
    knocks.fileChanged.connect(lambda _: window.come_forward())
    return application.exec()
