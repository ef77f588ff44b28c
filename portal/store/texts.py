"""JSON as the database holds it: text, with characters as they are."""

from __future__ import annotations

import json

# One for all: json.dumps makes a coder each time. What is kept comes from parsed JSON and holds no circle.
_CODER = json.JSONEncoder(ensure_ascii=False, check_circular=False)


def written(value: object) -> str:
    """What json.loads reads again. Raises TypeError for what JSON does not know."""
    return _CODER.encode(value)
