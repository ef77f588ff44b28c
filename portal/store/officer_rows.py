"""What the store hands out and takes in for officers. Times are aware datetimes in UTC."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.store.mail_rows import Mail
from portal.store.rows import Proof, State


class Officer(NamedTuple):
    """Somebody of the agency who may log in: a certificate by issuer (RFC 4514) and serial (decimal).

    `certificate_sha256` is that of the file they were added by, or of the card that first logged in under issuer and
    serial; None until then. `removed` is None while they may log in.
    """

    id: int
    name: str
    issuer: str
    serial: str
    certificate_sha256: str | None
    added: datetime
    removed: datetime | None


class OfficerSession(NamedTuple):
    """One visit to the officers' pages. `officer` and `certificate` (verified, DER) are None before login."""

    id: str
    csrf: str
    officer: Officer | None
    certificate: bytes | None
    created: datetime
    expires: datetime


class OfficerAct(StrEnum):
    """What the officers' log knows."""

    OFFICER_ADDED = "officer_added"
    OFFICER_REMOVED = "officer_removed"
    OFFICER_BOUND = "officer_bound"  # to the certificate of the first login
    LOGIN = "login"
    LOGOUT = "logout"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    STOPPED = "stopped"
    RESUMED = "resumed"
    NEWS_POSTED = "news_posted"
    NEWS_REMOVED = "news_removed"
    DAY_SET = "day_set"
    EMERGENCY_BEGUN = "emergency_begun"
    EMERGENCY_LIFTED = "emergency_lifted"
    MAIL_AGAIN = "mail_again"


class Pending(NamedTuple):
    """A decision that an officer is confirming: on which registration, as it stood when the page showed it, and why.

    `basis` is the SHA-256 of the registration's statement; `state` is where it stood, `changed` since when (ISO 8601).
    """

    act: str
    reception: str
    basis: str
    state: str
    changed: str
    reason: str


class Decided(NamedTuple):
    """Everything that one decision writes in one transaction, if the registration is still what it was made on."""

    session: str
    officer: Officer
    pending: Pending
    proof: Proof
    mails: list[Mail]


class Logged(NamedTuple):
    """One line of the officers' log, as it is read."""

    id: int
    at: datetime
    who: str
    act: OfficerAct
    reception: str
    before: str
    after: str
    reason: str
    statement: str | None


class Line(NamedTuple):
    """One line of the officers' log, to be written: what was done, to what, and how it stood before and after.

    `officer` is None for the command line; `statement` is the SHA-256 of what the officer's card signed for it.
    """

    officer: int | None
    who: str
    act: OfficerAct
    reception: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    statement: str | None = None


class Found(NamedTuple):
    """A registration as a list of search results shows it."""

    reception: str
    company_id: str
    category: str
    number: str
    name: str
    holder: str
    state: State
    created: datetime
    changed: datetime


class Kept(NamedTuple):
    """A signed statement with what it rests on, as stored; `evidence` is that of signatures.evidence, JSON."""

    sha256: str
    type: str
    cms: bytes
    evidence: str
    verified: datetime
