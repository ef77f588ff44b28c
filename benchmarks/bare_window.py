"""The floor of the PIN window: a fresh process that paints an empty Qt window, then says so and ends."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog


class _Empty(QDialog):
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        QTimer.singleShot(0, _painted)


def _painted() -> None:
    os.write(1, b"painted\n")
    os._exit(0)


if __name__ == "__main__":
    application = QApplication(["bare"])
    window = _Empty()
    window.show()
    sys.exit(application.exec())
