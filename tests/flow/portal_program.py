"""The portal as a program with many bidders in front of it, by the real clock; ended when, and how, a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from aiohttp import BaseConnector, ClientSession, TCPConnector
from cryptography.hazmat.primitives import serialization

from portal.qualification import reading
from portal.signatures.signing import StatementRequest
from portal.store import Contractor
from tests.flow.portal_site import Remote, Visitor
from tests.flow.test_portal_serve import COMMAND, settings_file
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World

DAY = timedelta(days=1)


def contractor(number: int) -> Contractor:
    """One of many companies of the example's name, each with a 業者番号 of its own."""
    return reading.samples()[0]._replace(number=f"{100_000_000 + number}")


def settled(made: World, more: str = "", hours: str = "always_open = true") -> Path:
    """Settings for a program that never closes, and lists that hold by the real clock; the settings' file. `more`:
    of them, TOML.
    """
    now = datetime.now(UTC)
    made.trust.crl(made.authority.crl(since=now - DAY, until=now + DAY))
    settings = settings_file(made)
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'[hours]\n{hours}\n[registration]\nholder = "warn"\n{more}\n')
    return settings


def at_port(settings: Path, port: int) -> None:
    """The same address at every start."""
    settings.write_text(settings.read_text().replace("[listen]\nport = 0", f"[listen]\nport = {port}", 1))


def trusting(made: World) -> ssl.SSLContext:
    """A client's context that believes the portal's certificate."""
    authority = made.authority.certificate.public_bytes(serialization.Encoding.PEM).decode()
    return ssl.create_default_context(cadata=authority)


@dataclass
class Program:
    made: World
    process: asyncio.subprocess.Process
    address: str
    tls: ssl.SSLContext
    connector: BaseConnector

    @contextlib.asynccontextmanager
    async def visitor(self, connector: BaseConnector | None = None) -> AsyncIterator[Visitor]:
        """`connector`: of their own, closed at the end."""
        used = connector or self.connector
        async with ClientSession(connector=used, connector_owner=connector is not None) as session:
            yield Visitor(self.made, Remote(session, self.address))

    def connection(self, *, closes: bool) -> BaseConnector:
        """`closes`: after each answer."""
        return TCPConnector(ssl=self.tls, force_close=closes)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def end(self) -> None:
        self.process.terminate()
        assert await asyncio.wait_for(self.process.wait(), 60) == 0


@contextlib.asynccontextmanager
async def started(
    made: World,
    *wrapped: str,
    options: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
    log: int | IO[bytes] = asyncio.subprocess.DEVNULL,
) -> AsyncIterator[Program]:
    """`wrapped`: a command in front of the portal's, such as taskset; `options`: of its own, after it. `env`: all of
    its environment, None: ours. `log`: where its lines go. Killed at the end if it still runs.
    """
    command = (*wrapped, *COMMAND, "serve", "--config", str(made.root / "portal.toml"), *options)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=log, env=env)
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 300)).decode()
        (address,) = re.findall(r"^portal ready (https://localhost:\d+)/$", line.strip())
        tls = trusting(made)
        async with TCPConnector(ssl=tls, limit=0) as connector:
            yield Program(made, process, address, tls, connector)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def confirmed(person: Visitor, number: int, card: pki.Card) -> StatementRequest:
    """Logged in, found, filled in and confirmed: what the bridge is to sign."""
    await person.login(card)
    company = {**SEARCH, "number": contractor(number).number, "name": contractor(number).name}
    await person.submit("/registration/search", company)
    return await person.statement(await person.submit("/registration/form", {**FORM, "step": "confirm"}))


async def signed(person: Visitor, number: int, card: pki.Card) -> bytes:
    """Signed as well: what is left is to send it."""
    return person.made.signed(await confirmed(person, number, card), card)
