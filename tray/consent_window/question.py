"""The question on stdin: one JSON line, parsed strictly."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from bridge.origin import is_acceptable

MAX_BYTES = 4096


class BadQuestion(ValueError):
    """The line is not a question; the text names the place and never a value."""


class Question(NamedTuple):
    origin: str
    """As browsers write it (RFC 6454 §6.2)."""
    language: str
    """ja | en."""
    timeout: int
    """Seconds."""


def parse(line: bytes) -> Question:
    """Raises BadQuestion."""
    if len(line) > MAX_BYTES:
        raise BadQuestion("too long")
    try:
        asked: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadQuestion("not JSON") from error
    match asked:
        case {"v": 1, "origin": str(origin), "language": "ja" | "en" as tongue, "timeoutSeconds": int(seconds), **rest}:
            if rest or isinstance(seconds, bool) or not 1 <= seconds <= 600:
                raise BadQuestion("timeoutSeconds, or a key too many")
            if not is_acceptable(origin, development=True):
                raise BadQuestion("origin")
            return Question(origin, tongue, seconds)
    raise BadQuestion("not the keys of version 1")
