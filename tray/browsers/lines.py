"""The doctor's lines on browsers' policies: only where an administrator had some written."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.doctor.check import Check
from tray.browsers import places
from tray.browsers.texts import standing


def examine() -> Iterator[Check]:
    """Raises OSError."""
    for each in places.status():
        yield Check("browsers", each.in_force, standing("ja", each), standing("en", each))
