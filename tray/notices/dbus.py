"""Desktop notifications on Linux: org.freedesktop.Notifications, Desktop Notifications Specification 1.2.

Not by way of the icon: a desktop that shows no icons shows notifications all the same.
"""

from __future__ import annotations

import asyncio
import os

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.asyncio import open_dbus_router

from tray.notices.texts import Notice

_NAME = "org.freedesktop.Notifications"
_SERVICE = DBusAddress("/org/freedesktop/Notifications", bus_name=_NAME, interface=_NAME)
_SECONDS = 10.0
_NORMAL = 1
_SERVERS_TIME = -1


async def show(notice: Notice, name: str) -> bool:
    """Whether the desktop took it. `name`: of this program."""
    if not (address := _address()):
        return False
    call = new_method_call(_SERVICE, "Notify", "susssasa{sv}i", _body(notice, name))
    try:
        async with asyncio.timeout(_SECONDS), open_dbus_router(address) as router:
            reply = await router.send_and_get_reply(call)
    except (OSError, EOFError, ValueError, RuntimeError):
        return False  # no bus, or one that goes away or does not answer
    return bool(reply.header.message_type is MessageType.method_return)


def _body(notice: Notice, name: str) -> tuple[object, ...]:
    hints = {"urgency": ("y", _NORMAL), "transient": ("b", not notice.lasting)}
    icon, new = "", 0
    return (name, new, icon, notice.title, _plain(notice.text), [], hints, _SERVERS_TIME)


def _plain(text: str) -> str:
    """The body may hold markup (Specification, Markup): a reader's or holder's name is text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _address() -> str:
    """From the environment, else where systemd puts it for each user."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or (f"unix:path={runtime}/bus" if runtime else "")
