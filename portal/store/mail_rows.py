"""Mails of the outbox, as the store hands them out and takes them in. Times are aware datetimes in UTC."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Mail(NamedTuple):
    """A mail to send, plain text."""

    recipient: str
    subject: str
    body: str


class MailState(StrEnum):
    """Where a mail of the outbox stands."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"  # the recipient's server will never take it
    FAILED = "failed"  # given up after days


class Posted(NamedTuple):
    """A mail of the outbox, claimed for one attempt: nobody else takes it before the lease ends."""

    id: int
    reference: str
    recipient: str
    subject: str
    body: str
    created: datetime
    since: datetime
    """Since when it waits: created, unless somebody let it wait anew."""
    attempts: int
    """This one included."""
    lease: str


class Attempt(NamedTuple):
    """How an attempt ended; `at` is when a waiting mail is tried again, else now."""

    state: MailState
    code: str
    at: datetime


class Shown(NamedTuple):
    """A mail of the outbox as officers see it; `sent` is None while it has not been taken."""

    id: int
    recipient: str
    subject: str
    body: str
    created: datetime
    state: MailState
    attempts: int
    code: str
    sent: datetime | None


class Tally(NamedTuple):
    """How many mails stand where."""

    waiting: int
    sent: int
    refused: int
    failed: int
