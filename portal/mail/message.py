"""From a mail in the outbox to the bytes on the wire. Pure: the same mail gives the same bytes at every attempt."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple

from portal.mail import addresses
from portal.signatures.certificate import TOKYO
from portal.store.mail_rows import Posted


class Envelope(NamedTuple):
    """One mail for one mailbox, ready to go."""

    reference: str
    created: datetime
    sender: str
    recipient: str
    content: bytes


def envelope(posted: Posted, sender: str, reply_to: str = "") -> Envelope:
    """The mail as it goes out; `sender` and `reply_to` with or without a name. Raises ValueError: it can never go."""
    author, recipient = addresses.named(sender), addresses.mailbox(posted.recipient)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(author)
    message["To"] = recipient  # as text: Address would take the quotes off a local part
    if reply_to:
        message["Reply-To"] = _address(addresses.named(reply_to))
    message["Subject"] = _one_line(posted.subject)
    message["Date"] = posted.created.astimezone(TOKYO)
    # One per mail, not per attempt: a server that took it before its reply was lost can tell.
    message["Message-ID"] = f"<{posted.reference}@{addresses.domain(author.mailbox)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notices in return
    message.set_content(posted.body, charset="utf-8", cte="base64")
    message["Content-Language"] = "ja"
    return Envelope(posted.reference, posted.created, author.mailbox, recipient, message.as_bytes())


def _address(named: addresses.Named) -> Address:
    return Address(display_name=named.name, addr_spec=named.mailbox)


def _one_line(subject: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in subject):
        raise ValueError("expected a subject of one line")
    return subject
