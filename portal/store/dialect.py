"""The store's SQL as psycopg and PostgreSQL want it: their placeholders, and the one function with another name."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

_PARTS = re.compile(r"'(?:[^']|'')*'|\?|\binstr\(")
_OURS = {"?": "%s", "instr(": "strpos("}


@lru_cache(maxsize=1024)
def translated(sql: str) -> str:
    """`?` → `%s` and instr → strpos outside of texts; `%` doubled, wherever it stands."""
    return _PARTS.sub(lambda found: _OURS.get(found[0], found[0]), sql.replace("%", "%%"))


@lru_cache(maxsize=1024)
def numbered(sql: str) -> bytes:
    """`?` → `$1`, `$2`, … and instr → strpos outside of texts: as the server takes it."""
    numbers = count(1)

    def ours(found: re.Match[str]) -> str:
        return f"${next(numbers)}" if found[0] == "?" else _OURS.get(found[0], found[0])

    return _PARTS.sub(ours, sql).encode()
