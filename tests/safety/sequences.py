"""How long the machine runs: as with every test, or as `make soak` has it."""

from __future__ import annotations

from hypothesis import Phase, settings

STEPS = 15

IN_EVERY_RUN = settings(
    max_examples=2000, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True, print_blob=True
)
SOAK = settings(IN_EVERY_RUN, max_examples=50_000, derandomize=False)
FIND_ONE = settings(IN_EVERY_RUN, max_examples=6000, phases=[Phase.generate], report_multiple_bugs=False)
"""For a machine that is to fail: no shrinking."""


def chosen() -> settings:
    """`--hypothesis-profile soak` takes the long one."""
    return SOAK if settings.get_current_profile_name() == "soak" else IN_EVERY_RUN
