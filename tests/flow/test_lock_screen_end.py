"""A bridge that is told to end while it gets to know the desktop's bus: a real one, and a moment chosen by the test."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from jeepney.io.asyncio import DBusRouter

from bridge.lock_screen import dbus
from bridge.lock_screen.watch import Told
from tests.flow.message_bus import MessageBus


async def _nothing() -> None:
    return


async def test_told_to_end_just_as_it_is_connected_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bus, leaving, moments = MessageBus(tmp_path), DBusRouter.__aexit__, list[str]()
    await bus.start()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)

    async def told_to_end(router: DBusRouter, *failure: Any) -> Any:
        moments.append("connected")
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        following.cancel()
        return await leaving(router, *failure)

    monkeypatch.setattr(DBusRouter, "__aexit__", told_to_end)
    told = Told(moments.append, lambda: None, _nothing, lambda: None, lambda: None)
    following = asyncio.create_task(dbus.follow(told))
    try:
        done, _ = await asyncio.wait([following], timeout=30)
    finally:
        await bus.stop()  # ends whatever still listens
    assert done == {following}
    assert following.cancelled()
    assert moments == ["connected"]
