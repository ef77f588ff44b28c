"""RFC 8785 canonical JSON, for values without fractions: the standard encoder, with the order of keys put right (pure).

The encoder already writes what RFC 8785 §3.2.2 asks for: no white space, the short escapes, `\\u00xx` in lower case for
the other controls, everything else as it stands. Fractions, the hard part of RFC 8785, are refused here, as they are
wherever a statement comes in. The portal checks with a reader of its own (docs/decisions/0030).
"""

from __future__ import annotations

import json
from typing import Any

_BEYOND = 2**53
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class NotCanonical(ValueError):
    """A value that these bytes cannot carry exactly."""


def encode(value: Any) -> bytes:
    """Canonical bytes of null, booleans, strings, integers below 2^53, lists and objects. Raises NotCanonical."""
    try:
        return _JSON.encode(_ordered(value)).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a lone surrogate") from error


def _ordered(value: Any) -> Any:
    match value:
        case str() | bool() | None:
            return value
        case dict():
            return {key: _ordered(value[key]) for key in sorted(value, key=_place)}
        case list():
            return [_ordered(item) for item in value]
        case int() if -_BEYOND < value < _BEYOND:
            return value
    raise NotCanonical(f"a value of type {type(value).__name__}")


def _place(key: Any) -> bytes:
    """RFC 8785 §3.2.3: by UTF-16 code units, which differs from Python's order beyond U+FFFF."""
    if not isinstance(key, str):
        raise NotCanonical("a key that is no string")
    return key.encode("utf-16-be", "surrogatepass")
