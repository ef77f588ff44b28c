"""What Python's garbage collector looks through while the portal serves."""

from __future__ import annotations

import gc

YOUNG = 10_000
"""Objects more than were given back, until the collector looks for cycles among the new ones. Python's own 700 are soon
together where hundreds of requests are under way, and nearly all of them still in use."""


def settle() -> None:
    """Leaves out of every later collection what is loaded by now, which stays as long as the program.

    A collection of everything would look through a quarter of a million objects of modules, templates and trust
    anchors, and everybody waits meanwhile (gc.freeze; docs/decisions/0086-what-is-loaded-is-not-looked-through.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
