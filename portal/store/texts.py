"""JSON as the database holds it: text, with characters as they are."""

from __future__ import annotations

from typing import Any

import orjson

# What the standard library's coder does not take either: a moment is written by `times`, in one form.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def written(value: object) -> str:
    """What json.loads reads again. Raises TypeError for what JSON does not know, half a surrogate pair included."""
    return orjson.dumps(value, default=_named, option=_OPTIONS).decode()


def _named(value: object) -> tuple[Any, ...]:
    """A NamedTuple as the list that it is in JSON. Raises TypeError."""
    if isinstance(value, tuple):
        return tuple(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
