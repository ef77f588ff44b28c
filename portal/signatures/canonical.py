"""RFC 8785 canonical JSON without fractions, read strictly by the standard library and written again by orjson. Pure.

Bytes are canonical when they are what is written of the value that they hold. orjson writes what §3.2.2 asks for: no
white space, the short escapes, `\\u00xx` in lower case for the other controls, all else as it stands. Fractions, the
hard part of RFC 8785, are refused before. A test holds the whole to a general library.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

MAX_INTEGER = 2**53 - 1  # §3.2.2.3: beyond, a reader with doubles sees another number

_BEYOND_FFFF = bytes(range(0xF0, 0xF5))  # what UTF-8 begins such characters with


class NotCanonical(Exception):
    """Bytes that hold a value, but are another way to write it."""


def read(content: bytes) -> Any:
    """The value. Raises NotCanonical; ValueError, RecursionError for what statements do not hold."""
    text = content.decode("utf-8")
    value = _READER.decode(text)
    if write(value) != content:
        _WARY_READER.decode(text)  # a key that comes twice is not in the value any more: told as what it is
        raise NotCanonical
    return value


def write(value: Any) -> bytes:
    """The canonical bytes of what `read` gave, or of a part of it.

    Raises ValueError for a lone surrogate, and where some 250 values lie in each other.
    """
    try:
        written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if len(written.translate(None, _BEYOND_FFFF)) == len(written):
            return written
        # §3.2.3: by UTF-16 code units, which differs from the order of the characters for these alone
        return orjson.dumps(_ordered(value))
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from error


def _ordered(value: Any) -> Any:
    match value:
        case dict():
            return {key: _ordered(value[key]) for key in sorted(value, key=_place)}
        case list():
            return [_ordered(item) for item in value]
    return value


def _place(key: str) -> bytes:
    return key.encode("utf-16-be")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # RFC 8259 §4: readers differ on which one counts
        raise ValueError("duplicate key")
    return found


def _integer(text: str) -> int:
    value = int(text)
    if abs(value) > MAX_INTEGER:
        raise ValueError("an integer that not every reader keeps")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"number that statements do not hold: {text[:20]}")


_READER = json.JSONDecoder(parse_int=_integer, parse_float=_refuse, parse_constant=_refuse)
_WARY_READER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
)
