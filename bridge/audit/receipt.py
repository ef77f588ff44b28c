"""A receipt: what was signed, when, for whom, and by which line of the record (pure).

A line's hash depends on every line before it. Whoever keeps a receipt elsewhere can therefore show later that lines
were cut off, or that the whole record was written anew. A page gets it without the line's number, which would tell one
site how much this computer does for others.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from bridge.audit.chain import Line
from bridge.audit.reading import OK, SIGNATURES

VERSION = 1
FACTS = (
    *("origin", "type", "action", "aud", "certificate", "statement", "cms"),
    *("format", "document", "digest", "signature"),
)
"""Of a signature's line, as far as it has them."""
MAX_BYTES = 16 << 10
_HASH = re.compile("[0-9a-f]{64}")


class NoReceipt(ValueError):
    """The text says what is wrong."""


class Receipt(NamedTuple):
    hash: str
    line: int
    """0: not told."""
    at: str
    facts: dict[str, str]

    def is_of(self, line: Line) -> bool:
        named = self.line in (0, line.number) and (self.hash, self.at) == (line.hash, line.at)
        return named and self.facts == _facts(line)

    def is_after(self, last: Line) -> bool:
        return self.line > last.number if self.line else self.at > last.at

    def is_before(self, first: Line) -> bool:
        return self.line < first.number if self.line else self.at < first.at

    def wire(self) -> dict[str, Any]:
        named = {"line": self.line} if self.line else {}
        return {"v": VERSION, **named, "at": self.at, **self.facts, "hash": self.hash}


def of(line: Line, *, numbered: bool) -> Receipt:
    """Of a signature's line. `numbered`: for the person; a page gets it without the line's number. Raises NoReceipt."""
    if line.event not in SIGNATURES or line.facts.get("outcome") != OK:
        raise NoReceipt(f"line {line.number} is no signature")
    return Receipt(line.hash, line.number if numbered else 0, line.at, _facts(line))


def parse(raw: bytes) -> Receipt:
    """One receipt, as a page or `card-bridge audit receipt` has it. Raises NoReceipt."""
    try:
        content: dict[str, Any] = json.loads(raw) if len(raw) <= MAX_BYTES else {}
    except (ValueError, RecursionError) as error:
        raise NoReceipt("not JSON") from error
    match content:
        case {"v": 1, "at": str(at), "hash": str(digest), **rest} if _HASH.fullmatch(digest):
            number = rest.pop("line", 0)
            if type(number) is int and number >= 0 and all(_is_fact(*item) for item in rest.items()):
                return Receipt(digest, number, at, rest)
    raise NoReceipt("not a receipt of the card bridge")


def _is_fact(name: str, value: Any) -> bool:
    return name in FACTS and isinstance(value, str)


def _facts(line: Line) -> dict[str, str]:
    return {name: str(line.facts[name]) for name in FACTS if name in line.facts}
