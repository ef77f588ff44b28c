"""A list's bytes from where it is published, within a size and a time, from that address and no other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from portal.revocation import directory
from portal.revocation.addresses import Address
from portal.revocation.directory import NotInDirectory

_PIECE = 64 * 1024


class Unreachable(Exception):
    """The list is not to be had from there now; the text says why."""


async def fetch(address: Address, seconds: float, most: int) -> bytes:
    """At most `most` bytes within so many seconds in all. Raises Unreachable."""
    try:
        async with asyncio.timeout(seconds):
            if directory.is_directory(address):
                return await directory.fetch(address, seconds, most)
            return await _http(address, most)
    except TimeoutError as error:
        raise Unreachable(f"no whole answer within {seconds:g} s") from error
    except NotInDirectory as error:
        raise Unreachable(str(error)) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error


async def _http(address: Address, most: int) -> bytes:
    # No proxy, no credentials from the environment, no cookies; a redirect would lead elsewhere than the settings say.
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False) as client,
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
