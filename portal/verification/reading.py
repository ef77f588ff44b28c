"""A statement's payload as a list that a person can read, by the rule of the PIN window (docs/protocol.md). Pure.

What the window showed before the signature, 検証機能 shows after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_NOTHING = "―"
# Keys of this portal's own payloads, in its words; sections carry their headings themselves.
_WORDS = {"contractor": "業者番号"}
_UNNAMED = frozenset({"sections"})


class Line(NamedTuple):
    """One line of the list; `value` is None for a heading."""

    label: str
    value: str | None


class Block(NamedTuple):
    """A heading (None: there is none) and the lines below it, up to the next heading."""

    heading: str | None
    lines: list[Line]


def blocks(payload: dict[str, Any]) -> list[Block]:
    """The payload under its headings, in the order that was signed."""
    found = [Block(None, [])]
    for line in _payload(payload):
        if line.value is None:
            found.append(Block(line.label, []))
        else:
            found[-1].lines.append(line)
    return [block for block in found if block.heading is not None or block.lines]


def _payload(payload: dict[str, Any]) -> Iterator[Line]:
    for key in sorted(payload):
        if key in _UNNAMED and isinstance(payload[key], list):
            yield from _walk(payload[key])
        else:
            yield from _entry(_WORDS.get(key, key), payload[key])


def _walk(value: Any) -> Iterator[Line]:
    match value:
        case dict():
            for key in sorted(value):
                yield from _entry(key, value[key])
        case list():
            for number, item in enumerate(value, 1):
                yield from _item(number, item)


def _item(number: int, item: Any) -> Iterator[Line]:
    match item:
        case {"label": str(label), "value": value, **rest} if not rest:
            yield from _entry(label, value)
        case _:
            yield from _entry(f"{number}.", item)


def _entry(label: str, value: Any) -> Iterator[Line]:
    if isinstance(value, dict | list) and value:
        yield Line(label, None)
        yield from _walk(value)
    else:
        yield Line(label, _leaf(value))


def _leaf(value: Any) -> str:
    match value:
        case None | [] | {}:
            return _NOTHING
        case bool():
            return "はい" if value else "いいえ"
        case _:
            return str(value)
