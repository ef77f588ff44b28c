"""Where lines break (pure): Windows' own labels break Latin text at blanks only, and cut what has none."""

from __future__ import annotations

from collections.abc import Callable

Width = Callable[[str], int]
"""Pixels of a text on one line."""

_NOT_FIRST = frozenset("、。，．・：；？！）」』】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}”’…")
_NOT_LAST = frozenset("（「『【〔〈《([{“‘")
_WIDE = 0x2E80
"""From here on (CJK) a line may break between any two characters but those above (JIS X 4051)."""


def wrap(text: str, room: int, width: Width) -> list[str]:
    """The lines of a text, none wider than `room` pixels unless it is one character; its own line ends stay."""
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, room, width)]


def _lines(text: str, room: int, width: Width) -> list[str]:
    lines = []
    while width(text) > room and len(text) > 1:
        end = _break(text, _fitting(text, room, width))
        lines.append(text[:end].rstrip(" "))
        text = text[end:].lstrip(" ")
    return [*lines, text]


def _fitting(text: str, room: int, width: Width) -> int:
    """How many characters fit; at least one."""
    least, most = 1, len(text) - 1
    while least < most:
        middle = (least + most + 1) // 2
        if width(text[:middle]) <= room:
            least = middle
        else:
            most = middle - 1
    return least


def _break(text: str, most: int) -> int:
    """The last place up to `most` where the line may end; a word longer than a line ends anywhere."""
    return next((at for at in range(most, 0, -1) if _may_break(text[at - 1], text[at])), most)


def _may_break(before: str, after: str) -> bool:
    if " " in (before, after):
        return True
    wide = ord(before) >= _WIDE or ord(after) >= _WIDE
    return wide and after not in _NOT_FIRST and before not in _NOT_LAST
