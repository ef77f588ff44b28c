"""When a person is reminded that a certificate ends (pure)."""

from __future__ import annotations

from typing import Final

THRESHOLDS: Final = (60, 30, 7)
"""Days before the last one."""


def due(days_left: int, told: int | None) -> int | None:
    """The threshold to be told now; None: none. `told`: the one that was told last.

    Of several that have passed while the card was away, the last alone; after the end the icon says what is the matter.
    """
    passed = [days for days in THRESHOLDS if 0 <= days_left <= days]
    if not passed or (told is not None and told <= min(passed)):
        return None
    return min(passed)
