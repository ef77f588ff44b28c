"""One question: read it, show the window, write the answer, end."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from tray.consent_window.question import BadQuestion, parse
from tray.consent_window.texts import load
from tray.pin_window import process

_STDIN, _STDERR = 0, 2


def main() -> NoReturn:
    try:
        question = parse(process.read_line(_STDIN))
    except BadQuestion as error:
        _leave(process.EXIT_BAD_QUESTION, f"question refused: {error}")
    if sys.platform == "linux" and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        _leave(process.EXIT_NO_DISPLAY, "no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
    process.watch_end(_STDIN, lambda: None)
    try:
        if sys.platform == "win32":
            from tray.consent_window.task_dialog import run
        else:
            from tray.consent_window.qt.dialog import run  # heavy: loaded once the question is known to be one
    except ImportError as error:
        _leave(process.EXIT_NO_TOOLKIT, f"the window toolkit does not load: {error}")
    run(question, load(question.language))


def _leave(code: int, reason: str) -> NoReturn:
    os.write(_STDERR, f"consent window: {reason}\n".encode())
    process.leave(code)


if __name__ == "__main__":
    main()
