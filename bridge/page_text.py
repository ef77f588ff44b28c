"""Text from a page: one line that shows what it is, or none at all (docs/protocol.md, Methods)."""

from __future__ import annotations

import re

from bridge.errors import BadRequest

# Controls, line and paragraph separators, bidi controls (UAX #9): they could make a text look like another.
_UNSEEMLY = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def seemly(name: str, text: str, limit: int) -> str:
    """A one-line text that shows what it is. Raises BadRequest."""
    check_length(name, text, limit)
    check_text(name, text)
    return text


def check_length(name: str, text: str, limit: int) -> None:
    """Raises BadRequest."""
    if not text or len(text) > limit:
        raise BadRequest(f"{name} must be 1 to {limit} characters")


def check_text(name: str, text: str) -> None:
    """Raises BadRequest."""
    if _UNSEEMLY.search(text):
        raise BadRequest(f"{name} holds a control or direction character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRequest(f"{name} holds a lone surrogate") from error
