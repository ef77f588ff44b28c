"""A mail is sent once: two senders at once, one that sleeps past its lease, one that is stopped, one that is killed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.mail.door import Unavailable
from portal.mail.message import Envelope
from portal.mail.sender import Sender
from portal.store import Mail, outbox
from portal.store.database import Database
from portal.store.mail_rows import MailState
from tests.flow.mail_office import Held, Office, office, plain, quick, send_mail, toml
from tests.flow.mail_server import Post, mail_server

TO, OTHER = "hokuto-001@example.co.jp", "hokuto-002@example.co.jp"
WAITING, SENT = MailState.WAITING, MailState.SENT
LEASE = plain(25).lease_seconds


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


async def test_two_senders_on_one_database(desk: Office, tmp_path: Path) -> None:
    """Each with a store and connections of its own, as two processes have; and each twice."""
    post = Post()
    recipients = [f"c{number}@example.co.jp" for number in range(40)]
    await desk.post(*recipients)
    async with office(tmp_path) as second, mail_server(post) as port:
        done = await asyncio.gather(*(each.drain(plain(port)) for each in (desk, second) * 2))
    assert sum(each.sent for each in done) == 40
    assert Counter(taken.recipient for taken in post.taken) == Counter(recipients)


async def test_two_processes_on_one_database(desk: Office, tmp_path: Path) -> None:
    post = Post()
    recipients = [f"c{number}@example.co.jp" for number in range(40)]
    desk.time = datetime.now(UTC)
    await desk.post(*recipients)
    async with mail_server(post) as port:
        processes = [await send_mail(toml(tmp_path, port)) for _ in range(2)]
        await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0, 0]
    assert Counter(taken.recipient for taken in post.taken) == Counter(recipients)


async def test_nobody_takes_a_mail_that_is_on_its_way_until_its_lease_ends(desk: Office) -> None:
    slow = Held()
    await desk.post(TO)
    slowly = asyncio.create_task(desk.drain(plain(25), slow))
    await slow.asked.wait()
    desk.wait(seconds=LEASE - 1)
    assert (await desk.drain(plain(25), quick())).sent == 0
    desk.wait(seconds=1)
    assert (await desk.drain(plain(25), quick())).sent == 1
    slow.free.set()
    await slowly
    row = await desk.row()
    assert (row.state, row.attempts) == (SENT, 2)


async def test_a_late_failure_does_not_undo_what_another_sent(desk: Office) -> None:
    slow = Held(Unavailable("connection"))
    await desk.post(TO)
    slowly = asyncio.create_task(desk.drain(plain(25), slow))
    await slow.asked.wait()
    desk.wait(seconds=LEASE)
    await desk.drain(plain(25), quick())
    slow.free.set()
    await slowly
    assert (await desk.row()).state is SENT


async def test_a_late_failure_does_not_free_what_another_has_claimed(desk: Office) -> None:
    slow, slower = Held(Unavailable("connection")), Held()
    await desk.post(TO)
    first = asyncio.create_task(desk.drain(plain(25), slow))
    await slow.asked.wait()
    desk.wait(seconds=LEASE)
    second = asyncio.create_task(desk.drain(plain(25), slower))
    await slower.asked.wait()
    slow.free.set()
    await first
    desk.wait(seconds=LEASE - 1)
    assert (await desk.drain(plain(25), quick())).sent == 0
    slower.free.set()
    assert (await second).sent == 1


async def test_a_late_success_counts_though_another_has_claimed_it(desk: Office) -> None:
    slow, slower = Held(), Held(Unavailable("connection"))
    await desk.post(TO)
    first = asyncio.create_task(desk.drain(plain(25), slow))
    await slow.asked.wait()
    desk.wait(seconds=LEASE)
    second = asyncio.create_task(desk.drain(plain(25), slower))
    await slower.asked.wait()
    slow.free.set()
    await first
    slower.free.set()
    await second
    assert (await desk.row()).state is SENT


async def test_an_attempt_is_broken_off_before_its_lease_ends(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a margin as long as the lease, so that no time is left for a server that never answers."""
    monkeypatch.setattr("portal.mail.sender.LEASE_MARGIN_SECONDS", LEASE)
    await desk.post(TO)
    assert await desk.drain(plain(25), Held()) == (0, "")
    row = await desk.row()
    assert (row.state, row.last_code) == (WAITING, "timeout")


@pytest.mark.parametrize(("at", "arrivals"), [("recipient", 1), ("content", 2)])
async def test_a_sender_that_is_killed(at: str, arrivals: int, desk: Office, tmp_path: Path) -> None:
    """Before the server has it: it arrives once. Between the server's having it and our noting so: the one double that
    cannot be avoided, the same bytes with the same Message-ID."""
    victim: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def kill() -> None:
        os.kill(await victim, signal.SIGKILL)

    desk.time = datetime.now(UTC)
    await desk.post(TO)
    deadly = Post(at_recipient=kill) if at == "recipient" else Post(at_content=kill)
    async with mail_server(deadly) as port:
        process = await send_mail(toml(tmp_path, port))
        victim.set_result(process.pid)
        await process.communicate()
    assert process.returncode == -signal.SIGKILL
    row = await desk.row()
    assert (row.state, row.attempts) == (WAITING, 1)

    calm = Post()
    async with mail_server(calm) as port:
        desk.time = datetime.now(UTC)
        assert (await desk.drain(plain(port))).sent == 0  # its lease is still running
        desk.wait(seconds=LEASE)
        assert (await desk.drain(plain(port))).sent == 1
    everything = [*deadly.taken, *calm.taken]
    assert len(everything) == arrivals
    assert len({taken.content for taken in everything}) == 1


async def test_a_running_sender_finds_what_is_posted_later(desk: Office) -> None:
    door = quick()
    async with Sender(plain(25), desk.store, door, lambda: desk.time).running():
        await desk.post(TO)
        await door.asked.wait()
    assert await desk.states() == [SENT]


class Heard(logging.Handler):
    """Waits for a line in the log."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line
        self.said = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == self._line:
            self.said.set()


async def test_a_database_that_fails_for_a_while_does_not_end_the_sender(desk: Office) -> None:
    log, heard, door = logging.getLogger("portal.mail"), Heard("outbox cannot be used"), quick()
    await desk.post(TO)
    await desk.store.write(lambda db: db.execute("ALTER TABLE outbox RENAME TO away").rowcount)
    log.addHandler(heard)
    try:
        mail = replace(plain(25), poll_seconds=1)
        async with Sender(mail, desk.store, door, lambda: desk.time).running():
            await heard.said.wait()
            await desk.store.write(lambda db: db.execute("ALTER TABLE away RENAME TO outbox").rowcount)
            await door.asked.wait()
    finally:
        log.removeHandler(heard)
    assert await desk.states() == [SENT]


async def test_a_fault_of_ours_at_one_mail_raises_an_alarm_and_the_others_leave(desk: Office) -> None:
    log, heard, taken = logging.getLogger("portal.mail"), Heard("mail sender failed"), asyncio.Event()

    class Stumbling(Held):
        async def deliver(self, envelope: Envelope) -> None:
            if envelope.recipient == TO:
                raise RuntimeError("a fault")
            taken.set()

    await desk.post(TO, OTHER)
    log.addHandler(heard)
    try:
        mail = replace(plain(25), poll_seconds=1)
        async with Sender(mail, desk.store, Stumbling(), lambda: desk.time).running():
            await heard.said.wait()
            await taken.wait()
    finally:
        log.removeHandler(heard)
    assert await desk.states() == [WAITING, SENT]


async def test_a_sender_that_is_stopped_lets_the_mail_on_its_way_arrive(desk: Office) -> None:
    slow = Held()
    await desk.post(TO, OTHER)
    async with Sender(plain(25), desk.store, slow, lambda: desk.time).running():
        await slow.asked.wait()
        asyncio.get_running_loop().call_soon(slow.free.set)
    assert await desk.states() == [SENT, WAITING]


async def test_a_mail_is_there_only_with_what_it_tells_of(desk: Office, tmp_path: Path) -> None:
    """In the transaction of a registration: uncommitted it cannot be claimed, rolled back it never was."""

    def job(db: Database) -> None:
        outbox.post(db, [Mail(TO, "s", "b")], desk.time)
        with sqlite3.connect(tmp_path / "portal.sqlite3") as other:
            assert not outbox.due(other, desk.time, desk.time)
        other.close()
        raise LookupError

    with pytest.raises(LookupError):
        await desk.store.write(job)
    assert await desk.rows() == []
