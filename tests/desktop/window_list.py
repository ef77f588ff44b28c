"""The list of what is signed in a PIN window: one question on stdin, what a person sees of it on stdout as JSON.

It is read to its end by the keyboard alone.
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from tray.pin_window.prompt import Prompt
from tray.pin_window.qt.dialog import PinDialog
from tray.pin_window.qt.reading import Reading
from tray.pin_window.question import parse
from tray.pin_window.texts import load
from tray.pin_window.typed import TypedPin


def main() -> None:
    question, pin = parse(sys.stdin.buffer.readline()), TypedPin()
    application = QApplication(["list"])
    dialog = PinDialog(question, load(question.language), pin, Prompt(question, pin))
    dialog.show()
    application.processEvents()
    (reading,) = dialog.findChildren(Reading)
    screen = application.primaryScreen().availableGeometry()
    buttons = [each for each in dialog.findChildren(QPushButton) if each.isVisible()]
    bar = reading.verticalScrollBar()
    seen = [(bar.value(), bar.maximum())]
    reading.setFocus(Qt.FocusReason.TabFocusReason)
    seen.append(_turn(reading, Qt.Key.Key_PageDown))
    seen.append(_turn(reading, Qt.Key.Key_PageUp))
    shown = {
        "lines": reading.toPlainText().split("\n"),
        "buttons": all(screen.contains(each.mapToGlobal(QPoint(0, each.height()))) for each in buttons),
        "seen": seen,
        "wide": reading.horizontalScrollBar().maximum(),
    }
    print(json.dumps(shown))


def _turn(reading: Reading, key: Qt.Key) -> tuple[int, int]:
    """Press a key until nothing moves any more: where that is, of how much."""
    bar, before = reading.verticalScrollBar(), -1
    while bar.value() != before:
        before = bar.value()
        QTest.keyClick(reading, key)
    return bar.value(), bar.maximum()


if __name__ == "__main__":
    main()
