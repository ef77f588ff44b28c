"""The store's SQL as psycopg wants it: its placeholders, and the one function that PostgreSQL calls otherwise."""

from __future__ import annotations

import re
from functools import lru_cache

_PARTS = re.compile(r"'(?:[^']|'')*'|\?|\binstr\(")
_OURS = {"?": "%s", "instr(": "strpos("}


@lru_cache(maxsize=1024)
def translated(sql: str) -> str:
    """`?` → `%s` and instr → strpos outside of texts; `%` doubled, wherever it stands."""
    return _PARTS.sub(lambda found: _OURS.get(found[0], found[0]), sql.replace("%", "%%"))
