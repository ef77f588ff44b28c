"""A list from an LDAP directory (RFC 4516 addresses, RFC 4523 attributes), by OpenLDAP's own client.

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

_ATTRIBUTES = {
    name.lower(): name for name in ("certificateRevocationList;binary", "authorityRevocationList;binary")
}  # RFC 4523 §2.3, §2.4
_DEFAULT = "certificateRevocationList;binary"
_PLACES = "/usr/bin:/usr/local/bin:/opt/homebrew/opt/openldap/bin"
_ROOM = 64 * 1024  # for the lines around the value
_PIECE = 64 * 1024


class NotInDirectory(Exception):
    """The directory, or its client, gave no list; the text says why."""


def is_directory(address: Address) -> bool:
    return address.scheme in ("ldap", "ldaps")


def request(address: Address) -> tuple[str, str]:
    """The entry's name and the attribute of an address like ldap://host/DN?certificateRevocationList;binary.

    Raises ValueError for anything but one entry and one attribute that holds lists.
    """
    attributes, scope, search, *more = [*address.query.removeprefix("?").split("?"), "", "", ""][:4]
    name = _ATTRIBUTES.get((attributes or _DEFAULT).lower()) or _ATTRIBUTES.get(f"{attributes.lower()};binary")
    if name is None or scope not in ("", "base") or any(more):
        raise ValueError("expected ldap://host/DN?certificateRevocationList;binary")
    if search and not search.lower().startswith("(objectclass="):
        raise ValueError("expected an address of one entry, without a search")
    return unquote(address.path.removeprefix("/"), errors="strict"), name


async def fetch(address: Address, seconds: float, most: int) -> bytes:
    """The one list of the entry, at most `most` bytes. Raises NotInDirectory, ValueError; ends when it is cancelled."""
    entry, attribute = request(address)
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
        raise NotInDirectory(f"{len(values)} lists in the entry")
    try:
        data = base64.b64decode(values[0], validate=True)
    except binascii.Error as error:
        raise NotInDirectory("a value that is not base64") from error
    if len(data) > most:
        raise NotInDirectory(f"more than {most} bytes")
    return data
