"""The values that a question is made of: each parsed strictly, a refusal naming the place and never a value (pure)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

MAX_TEXT = 4096
"""Characters of a text, where nothing else is said."""


class BadQuestion(ValueError):
    """The line is not a question; the text names the place and never a value."""


_Choice = TypeVar("_Choice", bound=Enum)
_Value = TypeVar("_Value")


def record(raw: Any, name: str, keys: frozenset[str]) -> dict[str, Any]:
    """An object with exactly these keys. Raises BadQuestion."""
    if not isinstance(raw, dict):
        raise BadQuestion(f"{name} is not an object")
    if raw.keys() != keys:
        raise BadQuestion(f"{name} lacks or does not know: {', '.join(sorted(keys ^ raw.keys()))[:200]}")
    return raw


def optional(parser: Callable[[Any, str], _Value], raw: Any, name: str) -> _Value | None:
    """What the parser makes of it; null stays None. Raises BadQuestion."""
    return None if raw is None else parser(raw, name)


def member(kinds: type[_Choice], raw: Any, name: str) -> _Choice:
    """One of an enumeration's values. Raises BadQuestion."""
    try:
        return kinds(raw)
    except ValueError as error:
        raise BadQuestion(f"{name} is none of: {', '.join(str(kind.value) for kind in kinds)}") from error


def text(raw: Any, name: str, limit: int = MAX_TEXT) -> str:
    """A text of limited length. Raises BadQuestion."""
    if not isinstance(raw, str) or len(raw) > limit:
        raise BadQuestion(f"{name} is not text of at most {limit} characters")
    return raw


def number(raw: Any, name: str, least: int, most: int) -> int:
    """An integer between two bounds. Raises BadQuestion."""
    if not isinstance(raw, int) or isinstance(raw, bool) or not least <= raw <= most:
        raise BadQuestion(f"{name} is not a number from {least} to {most}")
    return raw


def flag(raw: Any, name: str) -> bool:
    """True or false. Raises BadQuestion."""
    if not isinstance(raw, bool):
        raise BadQuestion(f"{name} is not true or false")
    return raw
