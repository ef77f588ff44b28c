"""A list from a real OpenLDAP directory on loopback."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding

from portal.revocation import addresses, directory, fetching
from portal.revocation.fetching import Unreachable
from tests.flow.test_portal_fetch_crls import Desk, now
from tests.unit import portal_pki as pki

SLAPD, SLAPADD = (shutil.which(name, path="/usr/sbin:/usr/local/sbin") for name in ("slapd", "slapadd"))
pytestmark = pytest.mark.skipif(
    not (SLAPD and SLAPADD and shutil.which("ldapsearch")), reason="needs slapd and ldap-utils (make packages-test)"
)
LIST = pki.Authority().crl(5, since=now() - timedelta(hours=1), until=now() + timedelta(days=5))
CERTIFICATE = pki.Authority().certificate.public_bytes(Encoding.DER)
BASE = "o=CA,c=JP"
CONFIG = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "c=JP"
directory "{root}/data"
"""


def entries() -> Iterator[str]:
    yield "dn: c=JP\nobjectClass: country\nc: JP\n"
    for name, lists in (("CA", [LIST]), ("二つ", [LIST, LIST + b"\0"]), ("none", [])):
        encoded = base64.b64encode(name.encode()).decode()
        lines = [f"certificateRevocationList;binary:: {base64.b64encode(each).decode()}" for each in lists]
        required = (
            "objectClass: organization\nobjectClass: cRLDistributionPoint" if lists else "objectClass: organization"
        )
        structural = required.replace("\nobjectClass: cRLDistributionPoint", "\nobjectClass: extensibleObject")
        dn = base64.b64encode(f"o={name},c=JP".encode()).decode()
        yield "\n".join([f"dn:: {dn}", structural, f"o:: {encoded}", *lines, ""])
    certificate = f"cACertificate;binary:: {base64.b64encode(CERTIFICATE).decode()}"
    kinds = ["objectClass: organization", "objectClass: extensibleObject"]
    yield "\n".join(["dn: o=issuer,c=JP", *kinds, "o: issuer", certificate, ""])


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[str]:
    """Its address, without a path."""
    assert SLAPD is not None
    assert SLAPADD is not None
    (tmp_path / "data").mkdir()
    config, content = tmp_path / "slapd.conf", tmp_path / "content.ldif"
    config.write_text(CONFIG.format(root=tmp_path))
    content.write_text("\n".join(entries()))
    filled = await asyncio.create_subprocess_exec(SLAPADD, "-q", "-f", str(config), "-l", str(content))
    assert await filled.wait() == 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"ldap://127.0.0.1:{port}"
    # -d 0: stays in front, and says nothing.
    process = await asyncio.create_subprocess_exec(SLAPD, "-f", str(config), "-h", f"{address}/", "-d", "0")
    try:
        await _listening(port)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.05)


async def get(url: str, most: int = 2**20) -> bytes:
    return await fetching.fetch(addresses.parse(url), 10, most)


@pytest.mark.parametrize("query", ["", "?certificateRevocationList;binary", "?certificateRevocationList?base"])
async def test_a_list_is_what_the_entry_holds(server: str, query: str) -> None:
    assert await get(f"{server}/{BASE}{query}") == LIST


async def test_what_is_not_there_or_not_one_is_told(server: str) -> None:
    for entry, said in (
        ("o=nobody,c=JP", "ldapsearch ended with 32"),
        ("o=none,c=JP", "0 values in the entry"),
        ("o=%E4%BA%8C%E3%81%A4,c=JP", "2 values in the entry"),
    ):
        with pytest.raises(Unreachable, match=said):
            await get(f"{server}/{entry}")
    with pytest.raises(Unreachable, match="more than 100 bytes"):
        await get(f"{server}/{BASE}", 100)


async def test_fetch_crls_keeps_it_up(server: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "portal")
    desk.settings(ca=f"{server}/{BASE}?certificateRevocationList;binary")
    assert await desk.run() == 0
    assert desk.crl() == LIST


async def test_a_silent_server_ends_with_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and reads nothing
        port = silent.getsockname()[1]
        with pytest.raises(Unreachable, match=r"no whole answer within 1 s|ldapsearch ended with"):
            await fetching.fetch(addresses.parse(f"ldap://127.0.0.1:{port}/{BASE}"), 1, 1000)


@pytest.mark.parametrize("query", ["?userPassword", "??sub", "???(uid=*)", "????x", "?a?base?(objectClass=*)"])
def test_other_questions_are_not_asked(query: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        directory.request(addresses.parse(f"ldap://ca.example/{BASE}{query}"))


async def test_a_ca_certificate_is_another_attribute(server: str) -> None:
    entry, wanted = f"{server}/o=issuer,c=JP", directory.CERTIFICATES
    for address in (entry, f"{entry}?cACertificate;binary", f"{entry}?cacertificate"):
        found = await fetching.fetch(addresses.parse(address), 20, 100_000, wanted=wanted, networks=())
        assert found == CERTIFICATE
    with pytest.raises(Unreachable, match="expected ldap"):
        await fetching.fetch(addresses.parse(f"{entry}?cACertificate;binary"), 20, 100_000)
