"""Mails leave by SMTP: what arrives, and what happens when the server says no."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from portal.mail.smtp import Smtp
from portal.store.mail_rows import MailState
from tests.flow.mail_office import BODY, SENDER, SUBJECT, Office, office, plain
from tests.flow.mail_server import DROP, Post, mail_server
from tests.unit import portal_pki as pki

TO, OTHER = "hokuto-001@example.co.jp", "hokuto-002@example.co.jp"
WAITING, SENT, REFUSED = MailState.WAITING, MailState.SENT, MailState.REFUSED


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


async def test_what_arrives(desk: Office) -> None:
    post = Post()
    await desk.post(TO)
    async with mail_server(post) as port:
        done = await desk.drain(replace(plain(port), reply_to="contact@city.example.jp"))
    assert (done.sent, done.unavailable, await desk.states()) == (1, "", [SENT])
    (taken,) = post.taken
    assert (taken.sender, taken.recipient) == ("no-reply@city.example.jp", TO)
    message = taken.message
    assert (message["From"], message["To"], message["Reply-To"]) == (SENDER, TO, "contact@city.example.jp")
    assert message["Subject"] == SUBJECT
    assert message["Date"].datetime == pki.NOW.replace(microsecond=0)
    assert message["Date"].endswith("+0900")
    assert message["Message-ID"].endswith("@city.example.jp>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == BODY
    assert post.greeted_by == {"portal.test"}


async def test_another_reader_of_mails_reads_the_subject(desk: Office) -> None:
    """RFC 2047 by the older parser, which knows nothing of how it was written; every line is ASCII and short."""
    post = Post()
    await desk.post(TO)
    async with mail_server(post) as port:
        await desk.drain(plain(port))
    head, _, _ = post.taken[0].content.partition(b"\r\n\r\n")
    assert head.isascii()
    assert max(len(line) for line in head.split(b"\r\n")) <= 78
    unfolded = head.decode().replace("\r\n ", " ")
    (raw,) = (line.removeprefix("Subject: ") for line in unfolded.split("\r\n") if line.startswith("Subject: "))
    assert str(make_header(decode_header(raw))) == SUBJECT


async def test_many_mails_over_one_connection(desk: Office) -> None:
    post = Post()
    recipients = [f"c{number}@example.co.jp" for number in range(30)]
    await desk.post(*recipients)
    async with mail_server(post) as port:
        door = Smtp(plain(port), "portal.test")
        assert (await desk.drain(plain(port), door)).sent == 30
    assert [taken.recipient for taken in post.taken] == recipients
    assert len({taken.message["Message-ID"] for taken in post.taken}) == 30


async def test_later_then_taken(desk: Office) -> None:
    post = Post()
    post.to_recipient.append(f"450 4.2.1 <{TO}> greylisted")
    post.to_content.append("451 4.3.0 try later")
    await desk.post(TO)
    async with mail_server(post) as port:
        await desk.drain(plain(port))
        row = await desk.row()
        assert (row.state, row.last_code, row.next_try) == (WAITING, "450 4.2.1", pki.NOW + timedelta(seconds=60))
        assert (await desk.drain(plain(port))).sent == 0  # not before its time
        desk.wait(seconds=60)
        await desk.drain(plain(port))
        row = await desk.row()
        assert (row.state, row.last_code, row.next_try) == (WAITING, "451 4.3.0", pki.NOW + timedelta(seconds=180))
        desk.wait(seconds=120)
        await desk.drain(plain(port))
    assert (await desk.states(), len(post.taken), (await desk.row()).attempts) == ([SENT], 1, 3)


@pytest.mark.parametrize("where", ["recipient", "content"])
async def test_refused_for_good_and_the_next_goes_out(
    where: str, desk: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.mail")
    post = Post()
    getattr(post, f"to_{where}").append(f"550 5.1.1 <{TO}> no such person")
    await desk.post(TO, OTHER)
    async with mail_server(post) as port:
        assert (await desk.drain(plain(port))).sent == 1
        desk.wait(days=10)
        assert (await desk.drain(plain(port))).sent == 0
    assert [taken.recipient for taken in post.taken] == [OTHER]
    first, second = await desk.rows()
    assert (first.state, first.last_code, first.attempts) == (REFUSED, "550 5.1.1", 1)
    assert second.state is SENT
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "mail refused"),
        ("INFO", "mail sent"),
    ]


@pytest.mark.parametrize("answer", ["550 5.7.1 not you", "530 5.7.0 Authentication required", "421 4.3.2 going down"])
async def test_a_server_that_refuses_us_costs_no_mail(answer: str, desk: Office) -> None:
    """It says nothing about the recipient: every mail waits until somebody has repaired it."""
    post = Post()
    post.to_sender.append(answer)
    await desk.post(TO, OTHER)
    async with mail_server(post) as port:
        done = await desk.drain(plain(port))
        assert done.unavailable == " ".join(answer.split()[:2])
        assert [(row.state, row.attempts) for row in await desk.rows()] == [(WAITING, 1), (WAITING, 0)]
        desk.wait(minutes=1)
        await desk.drain(plain(port))
    assert len(post.taken) == 2


@pytest.mark.parametrize("answer", ["530 5.7.0 Authentication required", "421 4.3.2 going down"])
async def test_not_logged_in_at_the_recipient_is_about_us_too(answer: str, desk: Office) -> None:
    post = Post()
    post.to_recipient.append(answer)
    await desk.post(TO)
    async with mail_server(post) as port:
        assert (await desk.drain(plain(port))).unavailable == answer[:9]
    assert (await desk.row()).state is WAITING


async def test_a_connection_dropped_after_the_content_is_a_double_that_can_be_told(desk: Office) -> None:
    """The server took the mail and its answer was lost. It comes again, byte for byte, with its Message-ID."""
    post = Post()
    post.to_content.append(DROP)
    await desk.post(TO, OTHER)
    async with mail_server(post) as port:
        await desk.drain(plain(port))
        assert [(row.state, row.last_code) for row in await desk.rows()] == [(WAITING, "connection"), (SENT, "")]
        desk.wait(minutes=1)
        await desk.drain(plain(port))
    assert await desk.states() == [SENT, SENT]
    first, other, again = post.taken
    assert first == again
    assert first.message["Message-ID"] != other.message["Message-ID"]


async def test_an_old_carriers_address_arrives(desk: Office) -> None:
    post = Post()
    await desk.post("taro..x.@example.ne.jp")
    async with mail_server(post) as port:
        assert (await desk.drain(plain(port))).sent == 1
    assert post.taken[0].recipient == "taro..x.@example.ne.jp"  # as the server reads it
    assert b'\r\nTo: "taro..x."@example.ne.jp\r\n' in post.taken[0].content


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.co.jp\r\nBcc: b@example.co.jp",
        "a@example.co.jp> RCPT TO:<b@example.co.jp",
        "a@example.co.jp, b@example.co.jp",
        "太郎@example.co.jp",
        "nobody",
    ],
)
async def test_an_address_that_is_more_than_one_address_never_leaves(recipient: str, desk: Office) -> None:
    """The form refuses these; whoever writes to the database does not get further either."""
    post = Post()
    await desk.post(recipient, TO)
    async with mail_server(post) as port:
        await desk.drain(plain(port))
    assert [taken.recipient for taken in post.taken] == [TO]
    assert (await desk.rows())[0].last_code == "content"
    assert await desk.states() == [REFUSED, SENT]


async def test_the_log_holds_no_address_and_no_text(desk: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the test's own server tells what it hears
    post = Post()
    post.to_recipient.extend([f"550 5.1.1 <{TO}> unknown", f"450 <{OTHER}> later"])
    await desk.post(TO, OTHER, "third@example.co.jp")
    async with mail_server(post) as port:
        await desk.drain(plain(port))
    lines = [f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name != "mail.log"]
    assert len([line for line in lines if line.startswith("mail ")]) == 3
    for line in lines:
        assert "example.co.jp" not in line
        assert "利用者" not in line
