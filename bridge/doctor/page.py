"""The lines that a page may know: nothing personal, and nothing that tells an attacker what to try."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.doctor import computer, readers
from bridge.doctor.check import Check
from bridge.readers.state import ReaderState


def checks(states: Iterable[ReaderState]) -> list[Check]:
    """Version, reader, card: asked on the daemon's event loop, so nothing here waits."""
    return [computer.version(), *readers.for_page(states)]
