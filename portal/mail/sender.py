"""Takes mails out of the outbox, one by one, and says in the log what became of them: by number, never by address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.mail import message, retry
from portal.mail.door import Door, Postponed, Trouble, Unavailable, Undeliverable
from portal.mail.settings import LEASE_MARGIN_SECONDS, Mailing
from portal.store import Store, StoreFault, outbox
from portal.store.mail_rows import Attempt, MailState, Posted

_log = logging.getLogger("portal.mail")
_SHUTDOWN_SECONDS = 5.0
_EVENTS = {
    MailState.SENT: (logging.INFO, "mail sent"),
    MailState.WAITING: (logging.WARNING, "mail postponed"),
    MailState.REFUSED: (logging.ERROR, "mail refused"),
    MailState.FAILED: (logging.ERROR, "mail given up"),
}


class Drained(NamedTuple):
    """What one round did: mails sent, and why it ended early ('' when it did not)."""

    sent: int
    unavailable: str


class Sender:
    """Sends what is due. Any number of them may work on one database, in one process or several."""

    def __init__(self, mail: Mailing, store: Store, door: Door, clock: Callable[[], datetime]) -> None:
        self._mail = mail
        self._store = store
        self._door = door
        self._clock = clock
        self._stopping = asyncio.Event()

    async def drain(self) -> Drained:
        """Sends mails until none is due, nothing goes out, or the sender is stopped. Raises StoreFault."""
        sent = 0
        try:
            while not self._stopping.is_set():
                done = await self._next()
                if done is None:
                    break
                sent += done.state is MailState.SENT
        except Unavailable as failure:
            return Drained(sent, failure.code)
        finally:
            await self._door.close()
        return Drained(sent, "")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks for due mails again and again while entered; at the end a mail that is on its way may arrive."""
        task = asyncio.create_task(self._run(), name="mail-sender")
        try:
            yield
        finally:
            self._stopping.set()
            await asyncio.wait({task}, timeout=_SHUTDOWN_SECONDS)
            task.cancel()
            await asyncio.wait({task})

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.drain()
            except StoreFault as error:  # disk full, or locked by another process: the next round may do better
                _log.error("outbox cannot be used", exc_info=error)
            except Exception as error:  # no memory, or a fault of ours at one mail: the others shall leave all the same
                _log.critical("mail sender failed", exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._mail.poll_seconds)

    async def _next(self) -> Attempt | None:
        """One attempt on one mail, its outcome on disk. Raises Unavailable after that."""
        ends = asyncio.get_running_loop().time() + self._mail.lease_seconds - LEASE_MARGIN_SECONDS
        posted = await self._claim()
        if posted is None:
            return None
        failure: Postponed | Undeliverable | None = None
        try:
            await self._deliver(posted, ends)
        except (Postponed, Undeliverable) as caught:
            failure = caught
        outcome = await self._settle(posted, failure)
        if isinstance(failure, Unavailable):
            raise failure
        return outcome

    async def _claim(self) -> Posted | None:
        now = self._clock()
        latest = now + timedelta(seconds=self._mail.retry.max_seconds + LEASE_MARGIN_SECONDS)
        if not await self._store.read(lambda db: outbox.due(db, now, latest)):  # idle rounds write nothing
            return None
        until = now + timedelta(seconds=self._mail.lease_seconds)
        return await self._store.write(lambda db: outbox.claim(db, now, until, latest))

    async def _deliver(self, posted: Posted, ends: float) -> None:
        try:
            envelope = message.envelope(posted, self._mail.sender, self._mail.reply_to)
        except ValueError as error:
            raise Undeliverable(Trouble.CONTENT) from error
        try:
            async with asyncio.timeout_at(ends):
                await self._door.deliver(envelope)
        except TimeoutError as error:
            raise Postponed(Trouble.TIMEOUT) from error

    async def _settle(self, posted: Posted, failure: Postponed | Undeliverable | None) -> Attempt:
        now = self._clock()
        outcome = Attempt(MailState.SENT, "", now)
        if failure is not None:
            outcome = retry.outcome(failure, posted, self._mail.retry, now)
        held = await self._store.write(lambda db: outbox.settle(db, posted, outcome))
        level, event = _EVENTS[outcome.state]
        facts = {"mail": posted.id, "attempt": posted.attempts, "code": outcome.code, "lease_held": held}
        _log.log(level, event, extra={"facts": facts})
        return outcome
