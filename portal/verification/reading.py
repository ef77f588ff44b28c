"""A statement's payload as a list that a person can read, by the rule of the PIN window (docs/protocol.md). Pure.

What the window showed before the signature, 検証機能 shows after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_NOTHING = "―"
_BELOW = " › "
# Keys of this portal's own payloads, in its words; sections carry their headings themselves.
_WORDS = {"companyId": "企業ID", "contractor": "業者番号"}
_UNNAMED = "sections"

Line = tuple[str, str]
"""Label and value."""


class Block(NamedTuple):
    """Lines that follow each other below one heading: the names on the way to them; empty at the top."""

    heading: str
    lines: list[Line]


def blocks(payload: dict[str, Any]) -> list[Block]:
    """The payload under its headings, in the order that was signed."""
    found: list[Block] = []
    for path, label, value in _payload(payload):
        heading = _BELOW.join(path)
        if not found or found[-1].heading != heading:
            found.append(Block(heading, []))
        found[-1].lines.append((label, value))
    return found


_Path = tuple[str, ...]
_Leaves = Iterator[tuple[_Path, str, str]]


def _payload(payload: dict[str, Any]) -> _Leaves:
    for key in sorted(payload):
        if key == _UNNAMED and isinstance(payload[key], list):
            yield from _walk(payload[key], ())
        else:
            yield from _entry(_WORDS.get(key, key), payload[key], ())


def _walk(value: Any, path: _Path) -> _Leaves:
    match value:
        case dict():
            for key in sorted(value):
                yield from _entry(key, value[key], path)
        case list():
            for number, item in enumerate(value, 1):
                yield from _item(number, item, path)


def _item(number: int, item: Any, path: _Path) -> _Leaves:
    match item:
        case {"label": str(label), "value": value, **rest} if not rest:
            yield from _entry(label, value, path)
        case _:
            yield from _entry(f"{number}.", item, path)


def _entry(label: str, value: Any, path: _Path) -> _Leaves:
    if isinstance(value, dict | list) and value:
        yield from _walk(value, (*path, label))
    else:
        yield path, label, _leaf(value)


def _leaf(value: Any) -> str:
    match value:
        case None | [] | {}:
            return _NOTHING
        case bool():
            return "はい" if value else "いいえ"
        case _:
            return str(value)
