"""What the agency says on its page ウェブアクセシビリティ方針. Table [accessibility]."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessibilityPolicy:
    """`since`: the day on which the policy was adopted; `exceptions`: sentences beside those about other programs."""

    since: datetime.date = datetime.date(2026, 11, 25)
    exceptions: tuple[str, ...] = ()
