"""One prompt: read the question, show the window, write the answer, end."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from tray.pin_window import process
from tray.pin_window.prompt import Prompt
from tray.pin_window.question import parse
from tray.pin_window.shapes import BadQuestion
from tray.pin_window.texts import load
from tray.pin_window.typed import TypedPin

_STDIN = 0


def main() -> NoReturn:
    process.harden()
    try:
        question = parse(process.read_line(_STDIN))
    except BadQuestion as error:
        process.leave(process.EXIT_BAD_QUESTION, f"question refused: {error}")
    if sys.platform == "linux" and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        process.leave(process.EXIT_NO_DISPLAY, "no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
    pin = TypedPin()
    process.watch_end(_STDIN, pin.wipe)
    try:
        # heavy: loaded once the question is known to be one
        if sys.platform == "win32":
            from tray.pin_window.win32.dialog import run
        else:
            from tray.pin_window.qt.dialog import run
    except ImportError as error:
        process.leave(process.EXIT_NO_TOOLKIT, f"the window toolkit does not load: {error}")
    run(question, load(question.language), pin, Prompt(question, pin))


if __name__ == "__main__":
    main()
