"""The list of what is signed as plain lines for a read-only edit control (pure): label left, value in its column.

The column is made of blanks, so that it stands wherever the lines are shown, copied or read aloud.
"""

from __future__ import annotations

from collections.abc import Sequence

from tray.pin_window.facts import Row
from tray.pin_window.win32.wrap import Width, wrap

_EM = "国"
_WIDE_BLANK = "\u3000"
_MARKS = ("■ ", "□ ")
"""Before a heading of depth 0, and of any other: an edit control has one face for all its text."""
_MOST_EMS = 14


def listed(rows: Sequence[Row], room: int, width: Width) -> list[str]:
    """Lines no wider than `room` pixels, with every character of every row."""
    column = _column(rows, width)
    lines: list[str] = []
    for row in rows:
        if row.value is None:
            lines += [""] if lines and row.depth == 0 else []
            lines += wrap(_indent(row.depth) + _MARKS[row.depth > 0] + row.label, room, width)
        else:
            lines += _pair(max(row.depth, 1), row.label, row.value, column, room, width)
    return lines


def _pair(depth: int, label: str, value: str, column: int, room: int, width: Width) -> list[str]:
    names = wrap(label, max(column - width(_indent(depth)), width(_EM)), width)
    values = wrap(value, room - column - width(" "), width)
    # A label that takes its whole line, or several, has its value beside the last.
    above = [_indent(depth) + name for name in names[:-1]]
    first = _padded(_indent(depth) + names[-1], column, width) + values[0]
    return [*above, first, *(_padded("", column, width) + line for line in values[1:])]


def _column(rows: Sequence[Row], width: Width) -> int:
    """Pixels from the left where values begin: right of the longest label, within bounds."""
    em = width(_EM)
    ends = [width(_indent(max(row.depth, 1)) + row.label) for row in rows if row.value is not None]
    return min(max(ends, default=0), em * _MOST_EMS) + em


def _padded(text: str, column: int, width: Width) -> str:
    """The text and blanks up to the column, as near as blanks come to it."""
    lacking = max(column - width(text), width(" "))
    wide, rest = divmod(lacking, width(_WIDE_BLANK))
    return text + _WIDE_BLANK * wide + " " * round(rest / width(" "))


def _indent(depth: int) -> str:
    return _WIDE_BLANK * min(depth, 8)
