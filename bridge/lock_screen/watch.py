"""The lock screen of this computer, by whatever way its desktop tells of it."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable

OnLock = Callable[[], None]
OnWatch = Callable[[str], None]
"""Told by which way the lock screen is watched from now on."""


async def follow(locked: OnLock, watching: OnWatch) -> None:
    """Until cancelled. Where nothing tells of the lock screen, this returns at once: PIN sessions then end by time."""
    if sys.platform == "linux":
        # On a thread and not at the top: it takes as long as fifty requests, and the daemon listens already.
        dbus = await asyncio.to_thread(importlib.import_module, "bridge.lock_screen.dbus")
        await dbus.follow(locked, watching)
    elif sys.platform == "win32":
        from bridge.lock_screen import windows

        await windows.follow(locked, watching)
