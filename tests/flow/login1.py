"""login1 as far as sleep goes (org.freedesktop.login1(5)): PrepareForSleep, and locks that delay it.

On a thread of its own: a lock is an open file, and files travel over jeepney's blocking connection alone.
"""

from __future__ import annotations

import os
import queue
import select
import threading

from jeepney import DBusAddress, Message, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

_NAME = "org.freedesktop.login1"
_MANAGER = DBusAddress("/org/freedesktop/login1", interface="org.freedesktop.login1.Manager")


class Lock:
    """One that was handed out; it holds until whoever got it closes it or ends."""

    def __init__(self, wanted: tuple[str, ...], read_end: int) -> None:
        self.wanted = wanted
        self._read_end = read_end

    def held(self) -> bool:
        return not select.select([self._read_end], [], [], 0)[0]

    def given_back(self, seconds: float = 30.0) -> bool:
        """Whether it is, waiting so long for it."""
        return bool(select.select([self._read_end], [], [], seconds)[0])


class Login1(threading.Thread):
    """Owns login1's name on a bus, from `start` to `stop`."""

    def __init__(self, address: str) -> None:
        super().__init__(name="login1", daemon=True)
        self._connection: DBusConnection = open_dbus_connection(address, enable_fds=True)
        Proxy(message_bus, self._connection).RequestName(_NAME)
        self._stopping = threading.Event()
        self.locks: queue.SimpleQueue[Lock] = queue.SimpleQueue()
        """Those handed out, in their order."""

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                message = self._connection.receive(timeout=0.2)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def prepare_for_sleep(self, *, begins: bool) -> None:
        self._connection.send(new_signal(_MANAGER, "PrepareForSleep", "b", (begins,)))

    def stop(self) -> None:
        self._stopping.set()
        self.join()
        self._connection.close()

    def _answer(self, question: Message) -> None:
        read_end, write_end = os.pipe()
        self._connection.send(new_method_return(question, "h", (write_end,)))
        os.close(write_end)
        self.locks.put(Lock(question.body, read_end))
