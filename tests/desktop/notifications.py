"""A desktop's notification service on a private session bus (org.freedesktop.Notifications), for the test to read."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from jeepney import MessageType, message_bus, new_method_return
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection

from tests.flow.message_bus import MessageBus

NAME = "org.freedesktop.Notifications"


class Shown(NamedTuple):
    program: str
    title: str
    text: str
    transient: bool


class Notifications:
    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self.shown: asyncio.Queue[Shown] = asyncio.Queue()

    async def next(self, seconds: float = 60) -> Shown:
        return await asyncio.wait_for(self.shown.get(), seconds)

    async def serve(self) -> None:
        while True:
            message = await self._connection.receive()
            if message.header.message_type is MessageType.method_call:
                program, _replaces, _icon, title, text, _actions, hints, _timeout = message.body
                await self._connection.send(new_method_return(message, "u", (1,)))
                self.shown.put_nowait(Shown(program, title, text, hints["transient"][1]))


@contextlib.asynccontextmanager
async def notifications(bus: MessageBus) -> AsyncIterator[Notifications]:
    connection = await open_dbus_connection(bus.address)
    async with DBusRouter(connection) as router:
        await Proxy(message_bus, router).RequestName(NAME)
    service = Notifications(connection)
    serving = asyncio.create_task(service.serve())
    try:
        yield service
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await connection.close()
