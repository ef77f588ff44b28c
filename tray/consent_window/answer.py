"""What the window says on stdout: that it is painted, then at most one answer, and the process ends."""

from __future__ import annotations

import json
import os
from enum import Enum
from typing import NoReturn

from tray.pin_window import process

_STDOUT = 1


class Answer(Enum):
    REMEMBER = "remember"
    ONCE = "once"
    NO = "no"


def say_shown() -> None:
    _write({"event": "shown"})


def give(answer: Answer) -> NoReturn:
    _write({"answer": answer.value})
    process.leave(process.EXIT_ANSWERED)


def give_none() -> NoReturn:
    """Time ran out: nobody said no."""
    process.leave(process.EXIT_ANSWERED)


def _write(line: dict[str, str]) -> None:
    try:
        os.write(_STDOUT, json.dumps(line).encode() + b"\n")
    except OSError:
        process.leave(process.EXIT_HOST_GONE)
