"""How mails leave: by SMTP, into a folder, or not at all. Part of the portal's settings (portal.settings)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from portal.mail import addresses


class Security(StrEnum):
    """What protects the connection to the mail server."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Retry:
    """When a mail that could not be delivered is tried again, and for how long."""

    first_seconds: int = 60
    factor: int = 2
    max_seconds: int = 3600
    give_up_days: int = 5  # RFC 5321 §4.5.4.1: at least 4 to 5 days


@dataclass(frozen=True, slots=True)
class Mailing:
    """The mail server or folder, the sender, and how patient we are."""

    host: str = ""
    port: int = 587
    security: Security = Security.STARTTLS
    ca_file: Path | None = None
    user: str = ""
    password_file: Path | None = None
    folder: Path | None = None
    sender: str = ""
    reply_to: str = ""
    poll_seconds: int = 5
    timeout_seconds: int = 60
    lease_seconds: int = 900
    retry: Retry = field(default_factory=Retry)


LEASE_MARGIN_SECONDS = 60
"""So long before its lease ends an attempt is broken off, for clocks that differ and a database that is busy."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Lines that an agency adds to its mails, after what the mail tells: to those of one occasion, or to every mail."""

    registered: tuple[str, ...] = ()
    provisional: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    every: tuple[str, ...] = ()


def fault(mail: Mailing) -> str | None:
    """The first thing that is wrong with these settings, beginning with its key below `mail`."""
    return next(_faults(mail), None)


def _faults(mail: Mailing) -> Iterator[str]:
    if mail.host and mail.folder is not None:
        yield "folder: expected none where host is set"
    if not _is_sender(mail.sender) and (mail.sender or mail.host or mail.folder is not None):
        yield "sender: expected an address, with or without a name before it"
    if mail.reply_to and not _is_sender(mail.reply_to):
        yield "reply_to: expected an address, with or without a name before it"
    if mail.security is Security.NONE and mail.host and not _is_loopback(mail.host):
        yield 'security: "none" is for a server on this machine only'
    if bool(mail.user) != (mail.password_file is not None):
        yield "user and password_file: expected both or neither"
    if not 1 <= mail.port <= 65535:
        yield "port: expected 1 to 65535"
    yield from _patience(mail)


def _patience(mail: Mailing) -> Iterator[str]:
    retry = mail.retry
    if min(mail.poll_seconds, mail.timeout_seconds, retry.first_seconds, retry.factor, retry.give_up_days) < 1:
        yield "retry, poll_seconds and timeout_seconds: expected at least 1"
    if retry.max_seconds < retry.first_seconds:
        yield "retry.max_seconds: expected at least retry.first_seconds"
    if mail.lease_seconds < mail.timeout_seconds + 2 * LEASE_MARGIN_SECONDS:
        yield f"lease_seconds: expected at least timeout_seconds + {2 * LEASE_MARGIN_SECONDS}"


def _is_sender(text: str) -> bool:
    try:
        addresses.named(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
