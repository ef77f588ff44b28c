"""How a service of Windows is set up to start."""

from __future__ import annotations


def is_disabled(name: str) -> bool:
    """Whether it cannot start at all: nobody has it, or an administrator forbids it."""
    import psutil  # type: ignore[import-untyped,unused-ignore]  # not installed on Linux, and ships no types

    try:
        return bool(psutil.win_service_get(name).start_type() == "disabled")
    except psutil.NoSuchProcess:
        return True
