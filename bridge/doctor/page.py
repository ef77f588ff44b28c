"""The lines that pages may show: nothing personal, and nothing that tells an attacker what to try.

No path, program, port, policy or other user of this computer is among them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from bridge.doctor import clock, computer, readers, remote
from bridge.doctor.check import Check
from bridge.doctor.pcsc import Pcsc, Service
from bridge.readers.state import ReaderState
from bridge.settings import Settings


def for_sites(states: Iterable[ReaderState]) -> list[Check]:
    """For pages of allowed sites: version, reader, card. Asked on the daemon's event loop, so nothing here waits."""
    return [computer.version(), *readers.for_page(states)]


def for_person(loaded: Settings, states: Iterable[ReaderState], *, has_service: bool) -> Iterator[Check]:
    """For the bridge's own page, which no other page can read: also why there is no reader, line and clock."""
    known = tuple(states)
    yield computer.version()
    if known or has_service:
        yield from readers.for_page(known, remote=remote.line() is remote.Line.DESKTOP)
    else:
        yield from readers.examine(Pcsc(Service.ABSENT, 0), (), remote=False)
    yield from clock.examine(time.time(), clock.marks(loaded))
    yield from remote.examine(remote.line())
