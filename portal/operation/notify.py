"""Tells systemd how a service of `Type=notify` stands: sd_notify(3), a datagram to the socket that it names."""

from __future__ import annotations

import logging
import os
import socket

_LOG = logging.getLogger(__name__)


def ready() -> None:
    """People are served from now on."""
    _say("READY=1")


def stopping() -> None:
    _say("STOPPING=1")


def _say(state: str) -> None:
    """Nothing where nobody listens; a word that does not arrive ends nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            # An @ stands for the zero byte of Linux's abstract names.
            line.connect("\0" + address[1:] if address.startswith("@") else address)
            line.sendall(state.encode())
    except OSError as error:
        _LOG.warning("systemd was not told: %s", error)
