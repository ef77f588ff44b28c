"""An outbox with a sender for tests: a real store, a clock that can be turned, a log that is kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from portal.mail.door import Door
from portal.mail.message import Envelope
from portal.mail.sender import Drained, Sender
from portal.mail.settings import Mailing, Security
from portal.mail.smtp import Smtp
from portal.store import Mail, Store, open_store, outbox
from portal.store.mail_rows import MailState
from portal.store.times import moment
from tests.flow.test_portal_serve import COMMAND
from tests.unit import portal_pki as pki

SENDER = "山口市電子入札 <no-reply@city.example.jp>"
BODY = "北東組株式会社 様\n\n利用者情報の登録が完了いたしました。\n.\n"
SUBJECT = "【山口市電子入札】利用者登録完了のお知らせ"


@dataclass
class Row:
    """A mail as the database knows it."""

    state: MailState
    attempts: int
    next_try: datetime
    last_code: str


@dataclass
class Office:
    """What a test holds in its hands."""

    store: Store
    time: datetime = pki.NOW

    def wait(self, **span: float) -> None:
        self.time += timedelta(**span)

    async def post(self, *recipients: str) -> None:
        mails = [Mail(recipient, SUBJECT, BODY) for recipient in recipients]
        await self.store.write(lambda db: outbox.post(db, mails, self.time))

    async def drain(self, mail: Mailing, door: Door | None = None) -> Drained:
        return await Sender(mail, self.store, door or Smtp(mail, "portal.test"), lambda: self.time).drain()

    async def rows(self) -> list[Row]:
        query = "SELECT state, attempts, next_try, last_code FROM outbox ORDER BY id"
        found = await self.store.read(lambda db: db.execute(query).fetchall())
        return [Row(MailState(state), attempts, moment(when), code) for state, attempts, when, code in found]

    async def row(self) -> Row:
        (only,) = await self.rows()
        return only

    async def states(self) -> list[MailState]:
        return [row.state for row in await self.rows()]


class Held:
    """A way out that keeps a mail until it is told to let go, or fails then."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.asked, self.free = asyncio.Event(), asyncio.Event()
        self._failure = failure

    async def deliver(self, _: Envelope) -> None:
        self.asked.set()
        await self.free.wait()
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        """Nothing is open."""


def quick() -> Held:
    """One that takes every mail at once."""
    door = Held()
    door.free.set()
    return door


@contextlib.asynccontextmanager
async def office(root: Path) -> AsyncIterator[Office]:
    store = await open_store(root / "portal.sqlite3")
    try:
        yield Office(store)
    finally:
        await store.close()


def toml(root: Path, port: int) -> Path:
    """The settings of `plain` in a file."""
    file = root / "portal.toml"
    file.write_text(f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "{SENDER}"\n', "utf-8")
    return file


async def send_mail(config: Path) -> asyncio.subprocess.Process:
    """`card-bridge portal send-mail` in a process of its own."""
    return await asyncio.create_subprocess_exec(
        *(*COMMAND, "send-mail", "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def plain(port: int) -> Mailing:
    """Settings for a server on loopback without TLS."""
    return Mailing(host="127.0.0.1", port=port, security=Security.NONE, sender=SENDER, timeout_seconds=10)
