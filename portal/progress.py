"""How far a long work has come, on a terminal; nothing where nobody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

T = TypeVar("T")
Draw = Callable[[int, int], None]
"""How much is done, and how much there is."""
_WIDTH = 30
_EVERY = 5000
_OFTEN = 50


def shown(rows: Iterable[T], file: BinaryIO, path: Path) -> Iterator[T]:
    """The rows of a file as they come, with a bar on the error output that is taken away at the end."""
    total = path.stat().st_size
    with drawn(total) as draw:
        for number, row in enumerate(rows, 1):
            if number % _EVERY == 0:
                draw(file.tell(), number)
            yield row


def counted(items: Iterable[T], total: int) -> Iterator[T]:
    """The items as they come, likewise. `total`: how many there will be."""
    with drawn(total) as draw:
        for number, item in enumerate(items, 1):
            if number % _OFTEN == 0:
                draw(number, number)
            yield item


@contextlib.contextmanager
def drawn(total: int) -> Iterator[Draw]:
    """Draws the bar when told how much of `total` is done, and a number to show beside it."""
    seen = sys.stderr.isatty() and total > 0
    try:
        yield (lambda done, number: _draw(done / total, number)) if seen else (lambda _done, _number: None)
    finally:
        if seen:
            _put(f"\r{'':{_WIDTH + 24}}\r")


def _draw(part: float, number: int) -> None:
    filled = round(min(part, 1) * _WIDTH)
    bar = "#" * filled + "." * (_WIDTH - filled)
    _put(f"\r[{bar}] {min(part, 1):4.0%} {number:>11,}")


def _put(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
