"""A PIN window's life at a hundred times its speed: a question on stdin, on stdout how many references None lost.

CPython 3.11 counts them, and ends the process when none is left; a toolkit that forgets one with each call takes the
window away while the person still types.
"""

from __future__ import annotations

import json
import os
import sys

from PySide6.QtWidgets import QApplication

from tray.pin_window.prompt import Prompt
from tray.pin_window.qt.dialog import PinDialog
from tray.pin_window.question import parse
from tray.pin_window.texts import load
from tray.pin_window.typed import TypedPin

TICKS = 300


def main() -> None:
    question, pin = parse(sys.stdin.buffer.readline()), TypedPin()
    application = QApplication(["life"])
    dialog = PinDialog(question, load(question.language), pin, Prompt(question, pin))
    dialog.show()
    application.processEvents()
    before = sys.getrefcount(None)
    for _ in range(TICKS):
        dialog._tick()
        application.processEvents()
    os.write(1, json.dumps(before - sys.getrefcount(None)).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
