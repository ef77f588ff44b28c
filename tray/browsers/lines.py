"""The doctor's lines on browsers' policies: only where an administrator had some written, and that none can be."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.doctor.check import Check
from tray.browsers import places
from tray.browsers.texts import standing, text


def examine() -> Iterator[Check]:
    """Raises OSError."""
    try:
        found = places.status()
    except places.Unsupported:
        yield Check("browsers", True, text("ja", "unmanaged"), text("en", "unmanaged"))
        return
    for each in found:
        yield Check("browsers", each.in_force, standing("ja", each), standing("en", each))
