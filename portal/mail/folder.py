"""A folder as the way out: one .eml file for each mail, for practice and tests of an installation."""

from __future__ import annotations

import asyncio
import os
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

from portal.mail.door import Trouble, Unavailable
from portal.mail.message import Envelope


class Folder:
    """Writes each mail into a file of its own; the same mail again replaces it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def deliver(self, envelope: Envelope) -> None:
        try:
            await asyncio.to_thread(self._write, envelope)
        except OSError as error:
            raise Unavailable(Trouble.FOLDER) from error

    async def close(self) -> None:
        """Nothing is open between two mails."""

    def _write(self, envelope: Envelope) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._directory / f"{envelope.created:%Y%m%dT%H%M%SZ}-{envelope.reference}.eml"
        part = target.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_readable(envelope.content))
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)


def _readable(content: bytes) -> bytes:
    """The same mail without its encodings (RFC 6532): any editor shows it, and mail programs still open it."""
    message = message_from_bytes(content, policy=SMTPUTF8.clone(max_line_length=None, refold_source="all"))
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
    language = message["Content-Language"]
    message.set_content(message.get_content(), charset="utf-8", cte="8bit")  # takes all Content-* headers away
    message["Content-Language"] = language
    return message.as_bytes()
