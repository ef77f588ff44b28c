"""How often a figure is taken: as its file says, or fewer times where `ROUNDS` says so, to see that it still runs."""

from __future__ import annotations

import os

_MOST = os.environ.get("ROUNDS")


def often(times: int) -> int:
    """`times`, and never more than the environment's `ROUNDS`."""
    return min(times, int(_MOST)) if _MOST else times
