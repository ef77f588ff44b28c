"""A mail server that is away, silent or no mail server: mails wait, are tried less and less often, and arrive once."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.mail.settings import Retry
from portal.store import outbox
from portal.store.mail_rows import MailState, Tally
from tests.flow.mail_office import Office, office, plain, send_mail, toml
from tests.flow.mail_server import Post, mail_server
from tests.running_demo import free_port
from tests.unit import portal_pki as pki

TO = "hokuto-001@example.co.jp"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


async def test_a_server_that_is_down_for_a_day(desk: Office) -> None:
    post, port = Post(), free_port()
    await desk.post(TO)
    attempts = []
    while desk.time < pki.NOW + timedelta(days=1):
        assert (await desk.drain(plain(port))).unavailable == "connection"
        attempts.append(desk.time)
        desk.time = (await desk.row()).next_try
    waits = [(later - earlier) // timedelta(minutes=1) for earlier, later in itertools.pairwise(attempts)]
    assert waits == [1, 2, 4, 8, 16, 32, *[60] * 22]

    async with mail_server(post, port):
        assert (await desk.drain(plain(port))).sent == 1
        desk.wait(days=10)
        assert (await desk.drain(plain(port))).sent == 0
    assert [taken.recipient for taken in post.taken] == [TO]
    row = await desk.row()
    assert (row.state, row.attempts, row.last_code) == (MailState.SENT, 30, "")


async def test_given_up_after_its_days_with_an_alarm_and_sent_when_somebody_asks(
    desk: Office, caplog: pytest.LogCaptureFixture
) -> None:
    post, port = Post(), free_port()
    patience = replace(plain(port), retry=Retry(give_up_days=2))
    await desk.post(TO)
    while (await desk.row()).state is MailState.WAITING:
        desk.time = (await desk.row()).next_try
        await desk.drain(patience)
    assert desk.time == pki.NOW + timedelta(days=2)
    assert (await desk.row()).state is MailState.FAILED
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == ["mail given up"]

    async with mail_server(post, port):
        assert (await desk.drain(patience)).sent == 0
        desk.wait(days=30)
        assert await desk.store.write(lambda db: outbox.revive(db, desk.time)) == 1
        assert (await desk.drain(patience)).sent == 1
    assert post.taken[0].message["Date"].datetime == pki.NOW  # when it was written, not when it went


async def test_a_mail_that_waits_anew_has_all_its_days_again(desk: Office) -> None:
    patience = replace(plain(free_port()), retry=Retry(give_up_days=2))
    await desk.post(TO)
    desk.wait(days=2)
    await desk.drain(patience)
    await desk.store.write(lambda db: outbox.revive(db, desk.time))
    await desk.drain(patience)
    row = await desk.row()
    assert (row.state, row.attempts) == (MailState.WAITING, 1)


async def test_a_clock_that_was_put_back_holds_no_mail_up(desk: Office) -> None:
    """Tried in vain by a clock that was a day ahead: the next try is not a day away, nor at every look."""
    post, port = Post(), free_port()
    desk.wait(days=1)
    await desk.post(TO)
    assert (await desk.drain(plain(port))).unavailable == "connection"
    desk.wait(days=-1)
    async with mail_server(post, port):
        assert (await desk.drain(plain(port))).sent == 1
        assert (await desk.drain(plain(port))).sent == 0
    assert [taken.recipient for taken in post.taken] == [TO]


async def test_a_lease_by_a_clock_that_was_put_back_is_left_to_its_holder(desk: Office) -> None:
    """It may be sending just then: so far, nobody can tell."""
    post = Post()
    await desk.post(TO)
    ahead, until = desk.time + timedelta(hours=1), desk.time + timedelta(hours=1, minutes=15)
    assert await desk.store.write(lambda db: outbox.claim(db, ahead, until, ahead)) is not None
    async with mail_server(post) as port:
        assert (await desk.drain(plain(port))).sent == 0
        desk.wait(hours=1, minutes=15)
        assert (await desk.drain(plain(port))).sent == 1


async def test_clocks_that_differ_a_little_change_no_waiting_time(desk: Office) -> None:
    """A mail at its longest delay, looked at by a portal whose clock is half a minute behind."""
    port = free_port()
    await desk.post(TO)
    for _ in range(9):
        await desk.drain(plain(port))
        desk.time = (await desk.row()).next_try
    await desk.drain(plain(port))
    before = await desk.row()
    assert before.next_try - desk.time == timedelta(hours=1)
    desk.wait(seconds=-30)
    await desk.drain(plain(port))
    assert await desk.row() == before


async def test_a_server_that_says_nothing_is_left(desk: Office) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    await desk.post(TO)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        mail = replace(plain(server.sockets[0].getsockname()[1]), timeout_seconds=1)
        assert (await desk.drain(mail)).unavailable == "timeout"


async def test_what_is_no_mail_server(desk: Office) -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    await desk.post(TO)
    server = await asyncio.start_server(web, "127.0.0.1", 0)
    async with server:
        assert (await desk.drain(plain(server.sockets[0].getsockname()[1]))).unavailable == "protocol"


async def test_the_command_sends_what_is_due(desk: Office, tmp_path: Path) -> None:
    post = Post()
    post.to_recipient.append("550 5.1.1 unknown")
    desk.time = datetime.now(UTC)
    await desk.post("gone@example.co.jp", TO)
    async with mail_server(post) as port:
        process = await send_mail(toml(tmp_path, port))
        out, error = await process.communicate()
    assert (process.returncode, out.decode().splitlines()) == (
        0,
        ["sent now: 1", "waiting: 0, sent: 1, refused: 1, given up: 0"],
    )
    events = [json.loads(line) for line in error.splitlines()]
    assert [(line["event"], line["code"]) for line in events] == [("mail refused", "550 5.1.1"), ("mail sent", "")]
    assert b"example.co.jp" not in error
    assert await desk.store.read(outbox.tally) == Tally(waiting=0, sent=1, refused=1, failed=0)


async def test_the_command_says_why_nothing_goes(desk: Office, tmp_path: Path) -> None:
    desk.time = datetime.now(UTC)
    await desk.post(TO)
    process = await send_mail(toml(tmp_path, free_port()))
    out, error = await process.communicate()
    assert process.returncode == 1
    assert out.decode().splitlines()[-1] == "waiting: 1, sent: 0, refused: 0, given up: 0"
    assert "portal: no mail can be sent now: connection" in error.decode()
