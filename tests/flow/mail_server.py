"""A real SMTP server on loopback for tests: aiosmtpd, with answers that a test chooses and everything it took."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import DNSName, SubjectAlternativeName

from tests.unit import portal_pki as pki

DROP = "drop the connection"
USER, PASSWORD = "portal", "正しい password"


@dataclass
class Taken:
    """One mail that the server took, as it came."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        read = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        return read


async def _nothing() -> None:
    pass


@dataclass
class Post:
    """What the server does: `to_sender`, `to_recipient` and `to_content` hold its next answers, else it says 250.

    DROP closes the connection instead; after content, the mail is taken all the same. `at_recipient` and `at_content`
    run before the answer to these. `senders` counts how often somebody got as far as naming a sender.
    """

    to_sender: deque[str] = field(default_factory=deque)
    to_recipient: deque[str] = field(default_factory=deque)
    to_content: deque[str] = field(default_factory=deque)
    taken: list[Taken] = field(default_factory=list)
    at_recipient: Callable[[], Awaitable[None]] = _nothing
    at_content: Callable[[], Awaitable[None]] = _nothing
    greeted_by: set[str] = field(default_factory=set)
    encrypted: set[bool] = field(default_factory=set)
    senders: int = 0

    # aiosmtpd calls these by name.

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.senders += 1
        self.greeted_by.add(str(session.host_name))
        self.encrypted.add(session.ssl is not None or _over_tls(server))
        envelope.mail_from = address
        return self.to_sender.popleft() if self.to_sender else "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self.at_recipient()
        answer = self.to_recipient.popleft() if self.to_recipient else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return _answer(server, answer)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.to_content.popleft() if self.to_content else "250 OK"
        if answer == DROP or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(Taken(str(envelope.mail_from), envelope.rcpt_tos[0], envelope.content))
            await self.at_content()
        return _answer(server, answer)


def _answer(server: SMTP, answer: str) -> str:
    if answer == DROP:
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()
    return answer


def _over_tls(server: SMTP) -> bool:
    assert server.transport is not None
    return server.transport.get_extra_info("sslcontext") is not None


@contextlib.asynccontextmanager
async def mail_server(post: Post, port: int = 0, **options: Any) -> AsyncIterator[int]:
    """Listens on 127.0.0.1 while entered, in the clear; gives the port. `options` are aiosmtpd's."""
    async with _listening(post, port, None, options) as bound:
        yield bound


@contextlib.asynccontextmanager
async def starttls_server(post: Post, tls: ssl.SSLContext) -> AsyncIterator[int]:
    """One that takes nothing before STARTTLS and a login as USER."""
    options = {"tls_context": tls, "require_starttls": True, "auth_required": True, "authenticator": _login}
    async with _listening(post, 0, None, options) as bound:
        yield bound


@contextlib.asynccontextmanager
async def tls_server(post: Post, tls: ssl.SSLContext) -> AsyncIterator[int]:
    """One that speaks TLS from the first byte."""
    async with _listening(post, 0, tls, {}) as bound:
        yield bound


@contextlib.asynccontextmanager
async def _listening(post: Post, port: int, tls: ssl.SSLContext | None, options: dict[str, Any]) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(post, hostname="mail.test", loop=loop, **options), "127.0.0.1", port, ssl=tls
    )
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == right, handled=False)


def server_tls(authority: pki.Authority, folder: Path, host: str = "localhost") -> ssl.SSLContext:
    """A server's context with a certificate for this host from the test's own authority."""
    leaf = authority.issue(500, key=pki.ec_key("mail"), extra=[SubjectAlternativeName([DNSName(host)])])
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / f"{host}.pem"
    file.write_bytes(
        leaf.certificate.public_bytes(encoding) + leaf.key.private_bytes(encoding, form, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def ca_file(authority: pki.Authority, folder: Path) -> Path:
    """The authority's certificate in a file, as mail.ca_file."""
    file = folder / "mail-ca.pem"
    file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    return file
