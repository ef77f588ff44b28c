"""A lock of login1's by which sleep waits until it is given back, five seconds at most (InhibitDelayMaxSec).

org.freedesktop.login1(5), Inhibit, and https://systemd.io/INHIBITOR_LOCKS/: the lock is an open file, whatever becomes
of the connection that it came over.
"""

from __future__ import annotations

import asyncio
import contextlib

from jeepney import DBusAddress, FileDescriptor, Message, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

_MANAGER = DBusAddress(
    "/org/freedesktop/login1", bus_name="org.freedesktop.login1", interface="org.freedesktop.login1.Manager"
)
_WANTED = ("sleep", "card-bridge", "ends PIN sessions", "delay")
_ANSWER_SECONDS = 5.0


class Delay:
    """Without a lock (none is asked for, login1 is not there, or it refuses) sleep does not wait for us."""

    def __init__(self, address: str) -> None:
        """`address`: of the system bus."""
        self._address = address
        self._file: FileDescriptor | None = None

    async def take(self) -> None:
        if self._file is None:
            self._file = await asyncio.to_thread(self._asked)

    def give_back(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _asked(self) -> FileDescriptor | None:
        """A connection of its own: the one that listens takes no files (jeepney 0.9, io.asyncio)."""
        with (
            contextlib.suppress(OSError, EOFError, ValueError, RuntimeError),
            open_dbus_connection(self._address, enable_fds=True) as connection,
        ):
            question = new_method_call(_MANAGER, "Inhibit", "ssss", _WANTED)
            return _file(connection.send_and_get_reply(question, timeout=_ANSWER_SECONDS))
        return None


def _file(reply: Message) -> FileDescriptor | None:
    match reply.header.message_type, reply.body:
        case MessageType.method_return, (FileDescriptor() as file,):
            return file
    return None
