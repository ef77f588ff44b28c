"""How much 検証機能 does for strangers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from portal.signatures import der


@dataclass(frozen=True, slots=True)
class VerificationLimits:
    """Bytes of each file; how often and how long one may ask.

    `timestamps`: a folder with anchors, intermediates and crls of time-stamp authorities; None: nobody is believed
    about time.
    """

    max_bytes: int = 10 * 1024 * 1024
    per_minute: int = 10  # requests of one address
    at_once: int = 8  # requests being received, of all addresses
    upload_seconds: int = 120
    timestamps: Path | None = None


def fault(limits: VerificationLimits) -> str | None:
    """What is wrong with these limits, beginning with the key; None when nothing is."""
    if not der.MAX_SIZE <= limits.max_bytes <= der.LARGEST:
        return f"max_bytes: expected {der.MAX_SIZE} to {der.LARGEST}"
    for name in ("per_minute", "at_once", "upload_seconds"):
        if getattr(limits, name) < 1:
            return f"{name}: expected 1 or more"
    return None
