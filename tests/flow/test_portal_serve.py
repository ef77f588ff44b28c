"""The portal as a program: TLS from the settings' files, one ready line, an end at SIGTERM."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession, TCPConnector
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import DNSName, SubjectAlternativeName

from portal.store import State, open_store
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world

COMMAND = (sys.executable, "-c", "import sys; from portal.cli import main; sys.exit(main(sys.argv[1:]))")


def settings_file(made: World) -> Path:
    """Settings in a file, with a certificate for localhost from the test's own authority."""
    leaf = made.authority.issue(500, key=pki.ec_key("portal"), extra=[SubjectAlternativeName([DNSName("localhost")])])
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (made.root / "portal.pem").write_bytes(leaf.certificate.public_bytes(encoding))
    (made.root / "portal.key").write_bytes(leaf.key.private_bytes(encoding, form, serialization.NoEncryption()))
    file = made.root / "portal.toml"
    file.write_text(
        f'database = "{made.portal.settings.database}"\n'
        '[listen]\nport = 0\n[tls]\ncertificate = "portal.pem"\nkey = "portal.key"\n'
        '[trust]\nanchors = "trust/anchors"\nintermediates = "trust/intermediates"\ncrls = "trust/crls"\n'
    )
    return file


async def test_serves_over_tls_until_sigterm(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        settings = settings_file(made)
        authority = made.authority.certificate.public_bytes(serialization.Encoding.PEM).decode()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", "--config", str(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        (address,) = re.findall(r"^portal ready (https://localhost:\d+/)$", line.strip())
        context = ssl.create_default_context(cadata=authority)
        async with ClientSession(connector=TCPConnector(ssl=context)) as client, client.get(address) as response:
            assert response.status == 200
            assert "山口市" in await response.text()
    finally:
        process.send_signal(signal.SIGTERM)
        out, error = await asyncio.wait_for(process.communicate(), 30)
    (said,) = error.splitlines()
    event = "mails stay in the outbox: neither mail.host nor mail.folder is set"
    assert (process.returncode, out, json.loads(said)["event"]) == (0, b"", event)


async def test_a_registration_that_waits_is_completed_while_it_serves(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        card = made.authority.issue(131, pki.subject("北東組株式会社", "日立 二郎"))
        session = await made.ready(card)
        cms = made.signed(await made.portal.registrar.begin(session), card)
        made.trust.crl(made.authority.crl(until=pki.NOW - timedelta(minutes=1)))
        assert (await made.portal.registrar.finish(session, cms)).state is State.PROVISIONAL
        settings = settings_file(made)
        made.trust.crl(made.authority.crl(since=pki.NOW, until=datetime.now(UTC) + timedelta(days=1), number=8))
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", "--config", str(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            async for line in process.stderr:
                if json.loads(line)["event"] == "waiting cards settled: 1":
                    break
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)
    store = await open_store(made.root / "portal.sqlite3")
    try:
        (found,) = await store.registrations()
    finally:
        await store.close()
    assert (found.state, found.remarks) == (State.REGISTERED, ())


async def test_missing_tls_files_are_named(tmp_path: Path) -> None:
    settings = tmp_path / "portal.toml"
    settings.write_text("[listen]\nport = 0\n")
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", "--config", str(settings), stderr=asyncio.subprocess.PIPE
    )
    _, error = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert b"No such file" in error
