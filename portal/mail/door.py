"""What the sender needs of a way out, and the three ways in which it can fail.

Codes are an SMTP reply code (with its enhanced code, `550 5.1.1`) or one of Trouble: never what a server wrote.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from portal.mail.message import Envelope


class Trouble(StrEnum):
    """Why there was no reply code."""

    CONNECTION = "connection"
    TIMEOUT = "timeout"
    TLS = "tls"  # handshake or certificate
    STARTTLS = "starttls"  # not offered
    LOGIN = "login"  # not offered
    PASSWORD = "password"  # noqa: S105 - the file that holds it cannot be used
    PROTOCOL = "protocol"  # not an SMTP reply
    FOLDER = "folder"
    CONTENT = "content"  # no address or subject that may go out


class Postponed(Exception):
    """This mail did not go out now; later it may."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unavailable(Postponed):
    """Nothing goes out now: not this mail's fault."""


class Undeliverable(Exception):
    """This mail will never be taken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Door(Protocol):
    """A way out."""

    async def deliver(self, envelope: Envelope) -> None:
        """Back once the mail was taken. Raises Postponed, Unavailable, Undeliverable."""

    async def close(self) -> None:
        """Ends what `deliver` may have left open; it may be called again afterwards."""
