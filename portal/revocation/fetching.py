"""The bytes of a list or CA certificate from where it is published, within a size and a time, and from nowhere else."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from portal.revocation import directory
from portal.revocation.addresses import Address, Networks
from portal.revocation.directory import NotInDirectory

_PIECE = 64 * 1024


class Unreachable(Exception):
    """The list is not to be had from there now; the text says why."""


async def fetch(
    address: Address,
    seconds: float,
    most: int,
    *,
    wanted: tuple[str, ...] = directory.LISTS,
    networks: Networks | None = None,
) -> bytes:
    """At most `most` bytes within so many seconds in all. Raises Unreachable.

    `networks`: for an address that a stranger's certificate names: those that a host name may lead to beside the
    public ones; None: any, for what the settings name.
    """
    try:
        async with asyncio.timeout(seconds):
            if directory.is_directory(address):
                return await directory.fetch(await _directory_at(address, networks), seconds, most, wanted)
            return await _http(address, most, networks)
    except TimeoutError as error:
        raise Unreachable(f"no whole answer within {seconds:g} s") from error
    except NotInDirectory as error:
        raise Unreachable(str(error)) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error


async def _directory_at(address: Address, networks: Networks | None) -> Address:
    """The same by number, so that no second answer of DNS is asked for; over TLS the name is what is proved."""
    if networks is None or _is_number(address.host):
        return address
    hosts = await Named(networks).resolve(address.host, address.port)
    return address if address.scheme == "ldaps" else address._replace(host=_written(hosts[0]["host"]))


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


class Named(AbstractResolver):
    """What a host name leads to: public addresses, and those of named networks. Numbers are named by themselves."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError where none is left."""
        found = await self._inner.resolve(host, port, family)
        kept = [each for each in found if self._is_named(each["host"])]
        if not kept:
            raise OSError(f"{host} leads to no public address, and to none of revocation.networks")
        return kept

    async def close(self) -> None:
        await self._inner.close()

    def _is_named(self, host: str) -> bool:
        number = ip_address(host.partition("%")[0])
        mapped = getattr(number, "ipv4_mapped", None)
        number = mapped or number
        return number.is_global or any(number in network for network in self._networks)


async def _http(address: Address, most: int, networks: Networks | None) -> bytes:
    connector = None if networks is None else aiohttp.TCPConnector(resolver=Named(networks), use_dns_cache=False)
    # No proxy, no credentials from the environment, no cookies; a redirect would lead elsewhere than the settings say.
    async with (
        aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
        ) as client,
        client.get(address.text, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as answer,
    ):
        if answer.status != 200:
            raise Unreachable(f"status {answer.status}")
        if (answer.content_length or 0) > most:
            raise Unreachable(f"more than {most} bytes")
        found = bytearray()
        async for piece in answer.content.iter_chunked(_PIECE):
            found += piece
            if len(found) > most:
                raise Unreachable(f"more than {most} bytes")
        return bytes(found)


def read(path: Path, most: int) -> bytes:
    """The same from a file, of a share that somebody else fills. Raises Unreachable."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Unreachable(f"{path}: {error.strerror}") from error
    if len(data) > most:
        raise Unreachable(f"more than {most} bytes")
    return data
