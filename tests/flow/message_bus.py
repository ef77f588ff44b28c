"""A private D-Bus with what a desktop has on it: a session of login1, and a screen saver."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection

_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="false"/><allow own="*"/></policy>
</busconfig>
"""
LOGIN1, SESSION = "org.freedesktop.login1", "org.freedesktop.login1.Session"
MINE, THEIRS = "/org/freedesktop/login1/session/_31", "/org/freedesktop/login1/session/_32"


class MessageBus:
    """dbus-daemon on a socket in `directory`; `start` and `stop` may alternate."""

    def __init__(self, directory: Path) -> None:
        self.address = f"unix:path={directory}/bus"
        self._configuration = directory / "bus.conf"
        self._configuration.write_text(_CONFIGURATION.format(socket=directory / "bus"), encoding="ascii")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = ["dbus-daemon", "--nofork", "--print-address", f"--config-file={self._configuration}"]
        self._process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        assert await self._process.stdout.readline(), "the bus did not start"

    async def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        await self._process.wait()


class Desktop:
    """What login1 and the screen saver say. Of login1's sessions one is this user's and one another's."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        """Sessions whose user was asked for, once the answer is sent."""

    async def lock(self, session: str) -> None:
        await self._connection.send(new_signal(DBusAddress(session, interface=SESSION), "Lock"))

    async def hint(self, session: str, *, locked: bool) -> None:
        source = DBusAddress(session, interface="org.freedesktop.DBus.Properties")
        changed: tuple[Any, ...] = (SESSION, {"LockedHint": ("b", locked)}, [])
        await self._connection.send(new_signal(source, "PropertiesChanged", "sa{sv}as", changed))

    async def save_screen(self, interface: str, *, active: bool) -> None:
        source = DBusAddress("/" + interface.replace(".", "/"), interface=interface)
        await self._connection.send(new_signal(source, "ActiveChanged", "b", (active,)))

    async def serve(self) -> None:
        """Answer what is asked of the sessions, until cancelled."""
        while True:
            message = await self._connection.receive()
            if message.header.message_type is MessageType.method_call:
                await self._answer(message)

    async def _answer(self, question: Message) -> None:
        path = question.header.fields[HeaderFields.path]
        assert question.body == (SESSION, "User")
        uid = os.getuid() + (path == THEIRS)
        await self._connection.send(new_method_return(question, "v", (("(uo)", (uid, "/user")),)))
        self.asked.put_nowait(path)


@contextlib.asynccontextmanager
async def desktop(bus: MessageBus) -> AsyncIterator[Desktop]:
    connection = await open_dbus_connection(bus.address)
    async with DBusRouter(connection) as router:
        await Proxy(message_bus, router).RequestName(LOGIN1)
    shown = Desktop(connection)
    serving = asyncio.create_task(shown.serve())
    try:
        yield shown
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await connection.close()
