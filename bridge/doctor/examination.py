"""All parts of the diagnosis at once: each guarded, each with an end, their lines in a fixed order."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.doctor.check import Check, Step

PATIENCE_SECONDS = 10.0
"""Far more than any of it takes: a computer that starts up or is short of memory is slow at everything."""


class Part(NamedTuple):
    """What is looked at, and for how many seconds it is waited for."""

    name: str
    step: Step
    patience: float = PATIENCE_SECONDS


Lines = queue.SimpleQueue[list[Check]]


def examine(parts: Sequence[Part]) -> list[Check]:
    """Every part's lines, in the order of the parts.

    A part that fails is a line of its own, not the end of the doctor; so is one that does not come to an end, whose
    thread is left behind.
    """
    begun = [(part, _begin(part)) for part in parts]
    start = time.monotonic()
    return [check for part, lines in begun for check in _awaited(part, lines, start)]


def _begin(part: Part) -> Lines:
    lines: Lines = queue.SimpleQueue()
    threading.Thread(target=lambda: lines.put(list(_guarded(part))), name=part.name, daemon=True).start()
    return lines


def _awaited(part: Part, lines: Lines, start: float) -> list[Check]:
    try:
        return lines.get(timeout=max(0.0, start + part.patience - time.monotonic()))
    except queue.Empty:
        ja = (
            f"{part.name} は{part.patience:g}秒以内に確かめられませんでした。少し待ってから、もう一度実行してください。"
        )
        en = f"{part.name} could not be checked within {part.patience:g} seconds: wait a little and run this again."
        return [Check("unfinished", False, ja, en)]


def _guarded(part: Part) -> Iterator[Check]:
    try:
        yield from part.step()
    except Exception as error:  # whatever it is: the other lines are what the person came for
        reason = _reason(error)
        ja = f"{part.name} を確かめられませんでした: {reason}。この行をそえてお問い合わせください。"
        yield Check(
            "unexpected", False, ja, f"{part.name} could not be checked: {reason}. Ask for help with this line."
        )


def _reason(error: Exception) -> str:
    """The system's own words, else class and place; an exception's text may hold anything."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"
