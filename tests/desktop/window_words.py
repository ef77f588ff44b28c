"""What stands in the PIN window, from top to bottom: one question on stdin, the labels' texts as JSON on stdout."""

from __future__ import annotations

import json
import sys
from typing import Any

from PySide6.QtWidgets import QApplication, QLabel

from tray.pin_window.prompt import Prompt
from tray.pin_window.qt.dialog import PinDialog
from tray.pin_window.question import parse
from tray.pin_window.texts import load
from tray.pin_window.typed import TypedPin


def main() -> None:
    question, pin = parse(sys.stdin.buffer.readline()), TypedPin()
    application = QApplication(["words"])
    dialog = PinDialog(question, load(question.language), pin, Prompt(question, pin))
    dialog.show()
    application.processEvents()
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible() and label.text()]
    print(json.dumps([label.text() for label in sorted(labels, key=_place(dialog))]))


def _place(dialog: PinDialog) -> Any:
    def place(label: QLabel) -> tuple[int, int]:
        corner = label.mapTo(dialog, label.rect().center())
        return corner.y(), corner.x()

    return place


if __name__ == "__main__":
    main()
