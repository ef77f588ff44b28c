"""The lock screen and sleep as Linux desktops tell of them, over D-Bus.

On the system bus, login1 (systemd-logind, elogind; org.freedesktop.login1(5)): a session of this user gets the signal
Lock, or its LockedHint becomes true; its manager says PrepareForSleep, true before and false after. On the session bus,
the desktop's screen saver says ActiveChanged(true): org.freedesktop.ScreenSaver, and the interfaces of the same form by
which GNOME, Cinnamon and MATE call it.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, Properties, message_bus
from jeepney.io.asyncio import DBusConnection, open_dbus_connection

from bridge.lock_screen.delay import Delay
from bridge.lock_screen.watch import Told

_FIRST_DELAY_SECONDS, _LONGEST_DELAY_SECONDS = 1.0, 60.0
_LOGIN1, _SESSION = "org.freedesktop.login1", "org.freedesktop.login1.Session"
_MANAGER = "org.freedesktop.login1.Manager"
_PROPERTIES = "org.freedesktop.DBus.Properties"


class _Bus(NamedTuple):
    name: str
    address: str
    """Empty: there is none."""
    rules: tuple[MatchRule, ...]


async def follow(told: Told) -> None:
    """Until cancelled, through restarts of the buses."""
    async with asyncio.TaskGroup() as group:
        for bus in (_system(), _session()):
            group.create_task(_stay_on(bus, told), name=f"lock screen, {bus.name} bus")


def _system() -> _Bus:
    """D-Bus specification, Well-known Message Bus Instances."""
    hint = MatchRule(type="signal", sender=_LOGIN1, interface=_PROPERTIES, member="PropertiesChanged")
    hint.add_arg_condition(0, _SESSION)
    lock = MatchRule(type="signal", sender=_LOGIN1, interface=_SESSION, member="Lock")
    address = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") or "unix:path=/var/run/dbus/system_bus_socket"
    sleep = MatchRule(type="signal", sender=_LOGIN1, interface=_MANAGER, member="PrepareForSleep")
    return _Bus("system", address, (lock, hint, sleep))


def _session() -> _Bus:
    """The bus's address from the environment, else where systemd puts it for each user."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS") or (f"unix:path={runtime}/bus" if runtime else "")
    return _Bus("session", address, (MatchRule(type="signal", member="ActiveChanged"),))


async def _stay_on(bus: _Bus, told: Told) -> None:
    delays = _delays()

    def ready() -> None:
        nonlocal delays
        delays = _delays()
        told.watching(bus.name)

    while bus.address:
        # A bus that is not there, goes away or is none: it may come, as after a restart of the desktop.
        with contextlib.suppress(OSError, EOFError, ValueError, RuntimeError):
            connection = await _connected(bus.address)
            async with contextlib.aclosing(_Listener(connection, told, Delay(bus.address))) as listener:
                await listener.listen(bus, ready)
        await asyncio.sleep(next(delays))


async def _connected(address: str) -> DBusConnection:
    """Cancelled as it ends, jeepney 0.9 keeps that to itself (DBusRouter.__aexit__): so it is asked for here."""
    connection = await open_dbus_connection(address)
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        await connection.close()
        raise asyncio.CancelledError
    return connection


def _delays() -> Iterator[float]:
    delay = _FIRST_DELAY_SECONDS
    while True:
        yield delay
        delay = min(delay * 2, _LONGEST_DELAY_SECONDS)


class _Listener:
    """One connection to a bus."""

    def __init__(self, connection: DBusConnection, told: Told, delay: Delay) -> None:
        self._connection = connection
        self._told = told
        self._delay = delay
        self._whose: set[int] = set()
        """Serials of questions whose session was locked."""

    async def listen(self, bus: _Bus, ready: Callable[[], None]) -> None:
        """Until the connection ends. Raises EOFError, OSError, ValueError."""
        last = 0
        for rule in bus.rules:
            last = await self._ask(message_bus.AddMatch(rule))
        while True:
            message = await self._connection.receive()
            if message.header.fields.get(HeaderFields.reply_serial) == last:
                ready()  # a bus answers in order: every rule holds
                if bus.name == "system":
                    await self._delay.take()
            await self._take(message)

    async def aclose(self) -> None:
        self._delay.give_back()
        with contextlib.suppress(OSError):
            await self._connection.close()

    async def _take(self, message: Message) -> None:
        fields = message.header.fields
        if message.header.message_type is not MessageType.signal:
            if fields.get(HeaderFields.reply_serial) in self._whose and _is_mine(message):
                self._told.locked()
            self._whose.discard(fields.get(HeaderFields.reply_serial, 0))
        elif fields[HeaderFields.member] == "PrepareForSleep":
            await self._take_sleep(message.body == (True,))
        elif _says_locked(fields[HeaderFields.interface], fields[HeaderFields.member], message.body):
            await self._take_lock(fields[HeaderFields.path], fields[HeaderFields.interface])

    async def _take_lock(self, path: str, interface: str) -> None:
        """A computer may have sessions of several users, and the system bus tells of them all."""
        if interface.endswith(".ScreenSaver"):
            self._told.locked()
        else:
            session = DBusAddress(path, bus_name=_LOGIN1, interface=_SESSION)
            self._whose.add(await self._ask(Properties(session).get("User")))

    async def _take_sleep(self, begins: bool) -> None:
        """Asleep, this process gets no time and the card may get no power: its logins end before."""
        if begins:
            await self._told.sleeping()
            self._delay.give_back()
        else:
            await self._delay.take()
            self._told.woken()

    async def _ask(self, message: Message) -> int:
        serial = next(self._connection.outgoing_serial)
        await self._connection.send(message, serial=serial)
        return int(serial)


def _says_locked(interface: str, member: str, body: tuple[Any, ...]) -> bool:
    match interface, member, body:
        case _, "ActiveChanged", (True,):
            return interface.endswith(".ScreenSaver")
        case "org.freedesktop.login1.Session", "Lock", _:
            return True
        case _, "PropertiesChanged", ("org.freedesktop.login1.Session", dict(changed), *_):
            return changed.get("LockedHint") == ("b", True)
    return False


def _is_mine(reply: Message) -> bool:
    """The session's User is (uid, path). Where that cannot be learned, the lock is taken as this user's."""
    match reply.header.message_type, reply.body:
        case MessageType.method_return, ((str(), (int(uid), *_)),):
            return uid == os.getuid()
    return True
