"""動作確認: what an agency demands of a PC before 利用者登録処理. Table [checks]."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checks:
    """The lowest version of the card bridge, and how far a PC's clock may be off before it is said."""

    bridge_version: str = "0.1.0"
    clock_seconds: int = 300


def fault(checks: Checks) -> str | None:
    """What is wrong with these settings, beginning with the key; None when nothing is."""
    if _VERSION.fullmatch(checks.bridge_version) is None:
        return "bridge_version: expected numbers and dots, like 1.2.0"
    if checks.clock_seconds < 1:
        return "clock_seconds: expected 1 or more"
    return None
