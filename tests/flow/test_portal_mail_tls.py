"""Mails leave over TLS and with a login, or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portal.mail.settings import Mailing, Security
from portal.mail.smtp import Smtp
from portal.secret_file import PasswordUnusable
from portal.store.mail_rows import MailState
from tests.flow.mail_office import SENDER, Office, office
from tests.flow.mail_server import (
    PASSWORD,
    USER,
    Post,
    ca_file,
    mail_server,
    server_tls,
    starttls_server,
    tls_server,
)
from tests.unit import portal_pki as pki

TO, OTHER = "hokuto-001@example.co.jp", "hokuto-002@example.co.jp"
WAITING, SENT = MailState.WAITING, MailState.SENT


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def authority() -> pki.Authority:
    return pki.Authority()


def secured(port: int, security: Security, authority: pki.Authority, folder: Path) -> Mailing:
    password = folder / "password"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    password.chmod(0o600)
    login = security is Security.STARTTLS
    return Mailing(
        host="localhost",
        port=port,
        security=security,
        ca_file=ca_file(authority, folder),
        user=USER if login else "",
        password_file=password if login else None,
        sender=SENDER,
        timeout_seconds=10,
    )


async def test_starttls_and_login(desk: Office, authority: pki.Authority, tmp_path: Path) -> None:
    post = Post()
    await desk.post(TO)
    async with starttls_server(post, server_tls(authority, tmp_path)) as port:
        await desk.drain(secured(port, Security.STARTTLS, authority, tmp_path))
    assert (await desk.states(), len(post.taken), post.encrypted) == ([SENT], 1, {True})


async def test_tls_from_the_first_byte(desk: Office, authority: pki.Authority, tmp_path: Path) -> None:
    post = Post()
    await desk.post(TO)
    async with tls_server(post, server_tls(authority, tmp_path)) as port:
        await desk.drain(secured(port, Security.TLS, authority, tmp_path))
    assert (await desk.states(), len(post.taken), post.encrypted) == ([SENT], 1, {True})


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("wrong", ["host", "authority"])
async def test_a_server_with_a_wrong_certificate_gets_nothing(
    security: Security, wrong: str, desk: Office, authority: pki.Authority, tmp_path: Path
) -> None:
    post = Post()
    await desk.post(TO)
    good = server_tls(authority, tmp_path)
    bad = server_tls(authority, tmp_path, "elsewhere.example") if wrong == "host" else good
    trusted = authority if wrong == "host" else pki.Authority(key=pki.rsa_key("another authority"))
    serve = starttls_server if security is Security.STARTTLS else tls_server
    async with serve(post, bad) as port:
        done = await desk.drain(secured(port, security, trusted, tmp_path))
    assert (done.sent, done.unavailable, post.senders) == (0, "tls", 0)
    row = await desk.row()
    assert (row.state, row.last_code, row.next_try) == (WAITING, "tls", pki.NOW + timedelta(seconds=60))

    desk.wait(seconds=60)
    async with serve(post, good) as port:
        await desk.drain(secured(port, security, authority, tmp_path))
    assert (await desk.states(), len(post.taken)) == ([SENT], 1)


async def test_without_starttls_offered_nothing_is_sent(desk: Office, tmp_path: Path, authority: pki.Authority) -> None:
    post = Post()
    await desk.post(TO)
    async with mail_server(post) as port:
        done = await desk.drain(secured(port, Security.STARTTLS, authority, tmp_path))
    assert (done.unavailable, post.senders, (await desk.row()).state) == ("starttls", 0, WAITING)


async def test_a_wrong_password_is_told_by_its_code_and_tried_again(
    desk: Office, authority: pki.Authority, tmp_path: Path
) -> None:
    post = Post()
    await desk.post(TO, OTHER)
    async with starttls_server(post, server_tls(authority, tmp_path)) as port:
        mail = secured(port, Security.STARTTLS, authority, tmp_path)
        (tmp_path / "password").write_text("wrong")
        done = await desk.drain(mail)
        assert done.unavailable == "535 5.7.8"
        assert [row.attempts for row in await desk.rows()] == [1, 0]  # the second was not even tried
        (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
        desk.wait(seconds=60)
        await desk.drain(mail)
    assert (await desk.states(), len(post.taken)) == ([SENT, SENT], 2)


async def test_a_login_that_is_not_offered(desk: Office, authority: pki.Authority, tmp_path: Path) -> None:
    await desk.post(TO)
    async with mail_server(Post()) as port:
        mail = replace(secured(port, Security.STARTTLS, authority, tmp_path), security=Security.NONE)
        done = await desk.drain(mail)
    assert (done.unavailable, (await desk.row()).state) == ("login", WAITING)


async def test_a_password_file_that_became_readable_is_not_used(
    desk: Office, authority: pki.Authority, tmp_path: Path
) -> None:
    post = Post()
    await desk.post(TO)
    async with starttls_server(post, server_tls(authority, tmp_path)) as port:
        mail = secured(port, Security.STARTTLS, authority, tmp_path)
        door = Smtp(mail, "portal.test")
        (tmp_path / "password").chmod(0o644)
        done = await desk.drain(mail, door)
    assert (done.unavailable, post.senders) == ("password", 0)


async def test_what_follows_the_go_ahead_for_tls_in_the_clear_is_not_believed(
    desk: Office, authority: pki.Authority, tmp_path: Path
) -> None:
    """RFC 3207 §4.2: bytes that a stranger puts behind the 220 are not taken for the encrypted server's."""

    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250-mail.test\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(
            b"220 go ahead\r\n250-evil\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 OK\r\n250 OK\r\n354 go\r\n250 OK\r\n"
        )
        with pytest.raises((ssl.SSLError, OSError)):
            await writer.start_tls(server_tls(authority, tmp_path, "elsewhere.example"))
        writer.close()

    await desk.post(TO)
    server = await asyncio.start_server(stranger, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        done = await desk.drain(secured(port, Security.STARTTLS, authority, tmp_path))
    assert done.sent == 0
    assert (await desk.row()).state is WAITING


def test_wrong_files_are_told_at_the_start(authority: pki.Authority, tmp_path: Path) -> None:
    mail = secured(25, Security.STARTTLS, authority, tmp_path)
    with pytest.raises(PasswordUnusable):
        Smtp(replace(mail, password_file=tmp_path / "none"), "portal.test")
    (tmp_path / "empty.pem").touch()
    for name in ("none.pem", "empty.pem"):
        with pytest.raises(OSError, match=name):
            Smtp(replace(mail, ca_file=tmp_path / name), "portal.test")
