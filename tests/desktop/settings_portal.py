"""A desktop whose person asked for high contrast: `python -m tests.desktop.settings_portal` on a session bus of a test.

What desktops answer to org.freedesktop.portal.Settings; prints a line once it can be asked.
"""

from __future__ import annotations

from typing import Any, Final

from jeepney import MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import open_dbus_connection
from jeepney.low_level import HeaderFields

NAME: Final = "org.freedesktop.portal.Desktop"
_SETTINGS: Final[dict[str, dict[str, Any]]] = {"org.freedesktop.appearance": {"contrast": ("u", 1)}}


def main() -> None:
    connection = open_dbus_connection("SESSION")
    connection.send_and_get_reply(message_bus.RequestName(NAME))
    print("ready", flush=True)
    while True:
        message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        if message.header.fields.get(HeaderFields.member) == "ReadAll":
            connection.send(new_method_return(message, "a{sa{sv}}", (_SETTINGS,)))
        else:
            connection.send(new_error(message, "org.freedesktop.portal.Error.NotFound"))


if __name__ == "__main__":
    main()
