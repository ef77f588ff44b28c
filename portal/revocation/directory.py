"""A list or CA certificate from an LDAP directory (RFC 4516, RFC 4523), by OpenLDAP's own client.

It is a program, not a library: what a server sends is taken apart in a process of its own, which ends with its time.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from urllib.parse import unquote

from portal.revocation.addresses import Address

LISTS = ("certificateRevocationList;binary", "authorityRevocationList;binary")
"""Attributes that may be asked for, the first where an address names none (RFC 4523 §2.3, §2.4)."""
CERTIFICATES = ("cACertificate;binary",)
"""The same for CA certificates (RFC 4523 §2.2)."""
_PLACES = "/usr/bin:/usr/local/bin:/opt/homebrew/opt/openldap/bin"
_ROOM = 64 * 1024  # for the lines around the value
_PIECE = 64 * 1024


class NotInDirectory(Exception):
    """The directory, or its client, gave no list; the text says why."""


def is_directory(address: Address) -> bool:
    return address.scheme in ("ldap", "ldaps")


def request(address: Address, wanted: tuple[str, ...] = LISTS) -> tuple[str, str]:
    """The entry's name and the attribute of an address like ldap://host/DN?certificateRevocationList;binary.

    Raises ValueError for anything but one entry and one of the attributes.
    """
    attributes, scope, search, *more = [*address.query.removeprefix("?").split("?"), "", "", ""][:4]
    names = {name.lower(): name for name in wanted}
    name = names.get((attributes or wanted[0]).lower()) or names.get(f"{attributes.lower()};binary")
    if name is None or scope not in ("", "base") or any(more):
        raise ValueError(f"expected ldap://host/DN?{wanted[0]}")
    if search and not search.lower().startswith("(objectclass="):
        raise ValueError("expected an address of one entry, without a search")
    return unquote(address.path.removeprefix("/"), errors="strict"), name


async def fetch(address: Address, seconds: float, most: int, wanted: tuple[str, ...] = LISTS) -> bytes:
    """The entry's one value, at most `most` bytes. Raises NotInDirectory, ValueError; ends when it is cancelled."""
    entry, attribute = request(address, wanted)
    program = shutil.which("ldapsearch", path=_PLACES)
    if program is None:
        raise NotInDirectory("ldapsearch is not installed (Debian: ldap-utils)")
    server = f"{address.scheme}://{address.host}:{address.port}"
    # Anonymous, no configuration of the user's, no referrals, one line for each value.
    limits = ("-l", f"{seconds:.0f}", "-o", f"nettimeout={seconds:.0f}", "-o", "ldif_wrap=no")
    command = (program, "-x", "-LLL", *limits, "-H", server, "-b", entry, "-s", "base", "(objectClass=*)", attribute)
    async with _running(command) as process:
        text = await _read(process, most)
        if (status := await process.wait()) != 0:
            raise NotInDirectory(f"ldapsearch ended with {status}")
    return _value(text, attribute, most)


@contextlib.asynccontextmanager
async def _running(command: tuple[str, ...]) -> AsyncIterator[asyncio.subprocess.Process]:
    null = asyncio.subprocess.DEVNULL
    environment = {"LDAPNOINIT": "1", "LC_ALL": "C", "PATH": os.defpath}
    process = await asyncio.create_subprocess_exec(
        *command, stdin=null, stdout=asyncio.subprocess.PIPE, stderr=null, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _read(process: asyncio.subprocess.Process, most: int) -> bytes:
    assert process.stdout is not None  # noqa: S101 - asked for above
    found = bytearray()
    while piece := await process.stdout.read(_PIECE):
        found += piece
        if len(found) > most * 4 // 3 + _ROOM:
            raise NotInDirectory(f"more than {most} bytes")
    return bytes(found)


def _value(text: bytes, attribute: str, most: int) -> bytes:
    """The value of an LDIF line `attribute:: base64` (RFC 2849), which has to be the only one."""
    begin = f"{attribute}:: ".lower().encode()
    values = [line[len(begin) :] for line in text.splitlines() if line[: len(begin)].lower() == begin]
    if len(values) != 1:
        raise NotInDirectory(f"{len(values)} values in the entry")
    try:
        data = base64.b64decode(values[0], validate=True)
    except binascii.Error as error:
        raise NotInDirectory("a value that is not base64") from error
    if len(data) > most:
        raise NotInDirectory(f"more than {most} bytes")
    return data
