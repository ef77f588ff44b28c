"""Text that came from a page or a card, made safe to look at: what could hide or reorder it becomes visible (pure)."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and signs that show nothing although their category is a visible one."""
_MARKS = frozenset(("Mn", "Me"))
_MARKS_ON_ONE = 3
"""More marks on one letter than any script here needs would be drawn over the neighbouring lines."""

_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))


def legible(text: str) -> str:
    """What could hide, reorder or overprint as ⟨U+202E⟩: control, bidi, zero-width, blank and unassigned characters
    (Unicode general categories C*, Zl, Zp), and marks that pile up. Text with letters that are written from right to
    left stands in the order in which it will be signed (UAX #9 §2.2): 1א2 would look like 12א."""
    if text.isascii() and text.isprintable():
        return text
    shown, marks, turns = [], 0, False
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        turns = turns or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT
        hidden = category in _HIDDEN or character in _BLANK or marks > _MARKS_ON_ONE
        shown.append(f"⟨U+{ord(character):04X}⟩" if hidden else character)
    return f"\u202d{''.join(shown)}\u202c" if turns else "".join(shown)


def breakable(text: str, every: int = 16) -> str:
    """The text with places where a line may break (U+200B), so that a long origin is shown in full."""
    pieces = (text[start : start + every] for start in range(0, len(text), every))
    return "\u200b".join(pieces)


def grouped(digits: str, size: int) -> str:
    """12345678 → 1234 5678."""
    return " ".join(digits[start : start + size] for start in range(0, len(digits), size))


def byte_count(size: int, language: str) -> str:
    """1234567 → 1,234,567 バイト."""
    return f"{size:,} " + ("bytes" if language == "en" else "バイト")
