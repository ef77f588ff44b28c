"""Text that came from a page or a card, made safe to look at: what could hide or reorder it becomes visible (pure)."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def legible(text: str) -> str:
    """Control, bidi, zero-width and unassigned characters as ⟨U+202E⟩ (Unicode general categories C*, Zl, Zp)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩" if unicodedata.category(character) in _HIDDEN else character


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
