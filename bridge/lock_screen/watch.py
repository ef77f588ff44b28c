"""The lock screen of this computer, by whatever way its desktop tells of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import ModuleType

OnLock = Callable[[], None]
OnWatch = Callable[[str], None]
"""Told by which way the lock screen is watched from now on."""


async def follow(locked: OnLock, watching: OnWatch) -> None:
    """Until cancelled. Where nothing tells of the lock screen, this returns at once: PIN sessions then end by time."""
    if sys.platform == "linux":
        # On a thread and not at the top: it takes as long as fifty requests, and the daemon listens already.
        dbus = await asyncio.to_thread(_dbus)
        await dbus.follow(locked, watching)


def _dbus() -> ModuleType:
    from bridge.lock_screen import dbus

    return dbus
