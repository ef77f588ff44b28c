"""A mail server as the way out: aiosmtplib's client, one connection for as many mails as it will take."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl

import aiosmtplib

from portal import secret_file
from portal.mail.door import Postponed, Trouble, Unavailable, Undeliverable
from portal.mail.message import Envelope
from portal.mail.settings import Mailing, Security

_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b")  # RFC 3463; the text behind it may quote an address
_CLOSING = 421
_FAREWELL_SECONDS = 5.0
_NOT_LOGGED_IN = frozenset({530, 534, 535, 538})  # RFC 4954 §6: about us, not about the recipient


class Smtp:
    """Delivers over one connection, opened when first needed."""

    def __init__(self, mail: Mailing, hello: str) -> None:
        """`hello` is how we name ourselves (EHLO). Raises OSError: password or CA file cannot be used."""
        self._mail = mail
        self._hello = hello
        self._tls = None if mail.security is Security.NONE else _tls(mail)
        self._client: aiosmtplib.SMTP | None = None
        if mail.password_file is not None:
            secret_file.read(mail.password_file)  # so that a wrong file is told at the start, not with the first mail

    async def deliver(self, envelope: Envelope) -> None:
        if self._client is None or not self._client.is_connected:
            self._client = await self._open()
        try:
            await _hand_over(self._client, envelope)
        except (Postponed, Undeliverable, asyncio.CancelledError):
            self._client.close()  # where the server stands in its dialogue is no longer known
            raise

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            # What is delivered is delivered, whatever becomes of the farewell.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_FAREWELL_SECONDS)
            client.close()

    async def _open(self) -> aiosmtplib.SMTP:
        mail = self._mail
        client = aiosmtplib.SMTP(
            hostname=mail.host,
            port=mail.port,
            local_hostname=self._hello,
            timeout=mail.timeout_seconds,
            use_tls=mail.security is Security.TLS,
            start_tls=False,  # below, where its failure can be told from others
            tls_context=self._tls,
        )
        step = Trouble.CONNECTION
        try:
            await client.connect()
            if mail.security is Security.STARTTLS:
                step = Trouble.STARTTLS
                await client.starttls()
            if mail.password_file is not None:
                step = Trouble.LOGIN
                await client.login(mail.user, await _password(mail))
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise Unavailable(_reason(error, step)) from error
        except asyncio.CancelledError:
            client.close()
            raise
        return client


async def _hand_over(client: aiosmtplib.SMTP, envelope: Envelope) -> None:
    try:
        await client.mail(envelope.sender)
        await client.rcpt(envelope.recipient)
        # RFC 5321 §4.5.3.2.6: the last reply may take long, and giving up early makes doubles. The lease ends it.
        await client.data(envelope.content, timeout=None)
    except aiosmtplib.SMTPSenderRefused as error:
        raise Unavailable(_reason(error, Trouble.PROTOCOL)) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _verdict(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Postponed(_reason(error, Trouble.PROTOCOL)) from error


def _verdict(error: aiosmtplib.SMTPResponseException) -> Postponed | Undeliverable:
    code = _reason(error, Trouble.PROTOCOL)
    if error.code == _CLOSING or error.code in _NOT_LOGGED_IN:
        return Unavailable(code)
    return Undeliverable(code) if 500 <= error.code <= 599 else Postponed(code)


def _reason(error: aiosmtplib.SMTPException | OSError, step: Trouble) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        enhanced = _ENHANCED.match(error.message)
        return Trouble.PROTOCOL if error.code < 0 else f"{error.code} {enhanced[0] if enhanced else ''}".rstrip()
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Trouble.TLS
    if isinstance(error, secret_file.PasswordUnusable):
        return Trouble.PASSWORD
    if isinstance(error, TimeoutError):
        return Trouble.TIMEOUT
    return Trouble.CONNECTION if isinstance(error, OSError) else step


async def _password(mail: Mailing) -> str:
    assert mail.password_file is not None  # noqa: S101 - the caller asked
    return await asyncio.to_thread(secret_file.read, mail.password_file)


def _tls(mail: Mailing) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=mail.ca_file)
    except OSError as error:  # its text names no file
        raise OSError(f"{mail.ca_file}: no CA certificates can be read from it") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
