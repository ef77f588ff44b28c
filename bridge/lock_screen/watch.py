"""The lock screen, sleep and log-off of this computer, by whatever way its desktop tells of them."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable
from typing import NamedTuple


class Told(NamedTuple):
    """What is called on the event loop, each perhaps more often than it happens."""

    watching: Callable[[str], None]
    """By which way the desktop is listened to from now on."""
    locked: Callable[[], None]
    """The screen is locked, or the session left."""
    sleeping: Callable[[], Awaitable[None]]
    """The computer is about to sleep, and waits a little for this to end."""
    woken: Callable[[], None]
    """It is awake again."""
    ending: Callable[[], None]
    """The person logs off. Linux says so by SIGTERM instead."""


async def follow(told: Told) -> None:
    """Until cancelled. Where nothing tells of the lock screen, this returns at once: PIN sessions then end by time."""
    if sys.platform == "linux":
        # On a thread and not at the top: it takes as long as fifty requests, and the daemon listens already.
        dbus = await asyncio.to_thread(importlib.import_module, "bridge.lock_screen.dbus")
        await dbus.follow(told)
    elif sys.platform == "win32":
        from bridge.lock_screen import windows

        await windows.follow(told)
