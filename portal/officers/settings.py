"""The agency's choices for its officers' pages. Table [officers]."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OfficerRules:
    """`session_minutes`: after how long without use an officer's login ends; `rows`: of a list on one page."""

    session_minutes: int = 20
    rows: int = 50


def fault(rules: OfficerRules) -> str | None:
    """What cannot be: the key and what is expected of it."""
    for key in ("session_minutes", "rows"):
        if getattr(rules, key) < 1:
            return f"{key}: expected 1 or more"
    return None
