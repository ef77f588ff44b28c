"""The number of a list's page in an address."""

from __future__ import annotations

_DIGITS = 6  # more rows than that there are none


def page_number(text: str) -> int:
    """The number that stands there; 1 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 1
