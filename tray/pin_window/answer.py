"""The answer on stdout: `{"event":"shown"}`, then one JSON line, then the PIN's bytes and nothing else.

Written to the descriptor itself: a buffered stream would keep a copy of the PIN.
"""

from __future__ import annotations

import json
import os
from enum import Enum
from typing import NamedTuple


class Reason(Enum):
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"


def write_shown(descriptor: int) -> None:
    """Say that the window is painted. Raises OSError."""
    _write_line(descriptor, {"event": "shown"})


class Filled(NamedTuple):
    """What was filled in beside the PIN."""

    person: str
    typed: str | None
    """The word that was asked for, once it was typed; None: none was asked for."""
    insistence: str | None = None
    """The word by which the same PIN is to be sent again; None: it was not typed."""
    chosen: int | None = None
    """Which certificate of the choice, from 0; None: none was to be chosen."""
    remember: bool = False
    """Whether it is to be remembered for this origin."""


def write_ok(descriptor: int, pin: bytearray, filled: Filled) -> None:
    """Hand over the PIN and overwrite it, also when that fails. Raises OSError."""
    line: dict[str, object] = {"answer": "ok", "length": len(pin), "person": filled.person}
    if filled.typed is not None:
        line["typed"] = filled.typed
    if filled.insistence is not None:
        line["insistence"] = filled.insistence
    if filled.chosen is not None:
        line |= {"chosen": filled.chosen, "remember": filled.remember}
    try:
        _write_line(descriptor, line)
        _write(descriptor, memoryview(pin))
    finally:
        pin[:] = bytes(len(pin))


def write_cancel(descriptor: int, reason: Reason) -> None:
    """Raises OSError."""
    _write_line(descriptor, {"answer": "cancel", "reason": reason.value})


def _write_line(descriptor: int, line: dict[str, object]) -> None:
    _write(descriptor, memoryview(json.dumps(line, ensure_ascii=False).encode() + b"\n"))


def _write(descriptor: int, octets: memoryview) -> None:
    while octets:
        octets = octets[os.write(descriptor, octets) :]
