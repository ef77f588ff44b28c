"""How far a long file has been read, on a terminal; nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

T = TypeVar("T")
_WIDTH = 30
_EVERY = 5000


def shown(rows: Iterable[T], file: BinaryIO, path: Path) -> Iterator[T]:
    """The rows as they come, with a bar on the error output that is taken away at the end."""
    total = path.stat().st_size
    if not sys.stderr.isatty() or not total:
        yield from rows
        return
    try:
        for number, row in enumerate(rows, 1):
            if number % _EVERY == 0:
                _draw(file.tell() / total, number)
            yield row
    finally:
        _put(f"\r{'':{_WIDTH + 24}}\r")


def _draw(part: float, number: int) -> None:
    filled = round(min(part, 1) * _WIDTH)
    bar = "#" * filled + "." * (_WIDTH - filled)
    _put(f"\r[{bar}] {min(part, 1):4.0%} {number:>11,}")


def _put(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
