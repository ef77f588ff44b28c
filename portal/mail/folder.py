"""A folder as the way out: one .eml file for each mail, for practice and tests of an installation."""

from __future__ import annotations

import asyncio
import os
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
            file.write(envelope.content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
