"""A door in front of PostgreSQL that counts what its clients wait for: each Sync and each simple query of theirs.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

_NAME = ".s.PGSQL.5432"
_WAITED_FOR = (b"S", b"Q")


@dataclass
class Rounds:
    url: str
    made: int = 0


@contextlib.asynccontextmanager
async def counted(url: str, folder: Path) -> AsyncIterator[Rounds]:
    """`url`: of a database behind a Unix socket; `folder`: for another one, of a short path."""
    address, _, options = url.partition("?")
    behind = dict(part.split("=") for part in options.split("&"))["host"]
    rounds = Rounds(f"{address}?host={folder}")
    ways = list[asyncio.Task[None]]()

    async def between(client: StreamReader, back: StreamWriter) -> None:
        server, on = await asyncio.open_unix_connection(f"{behind}/{_NAME}")
        ways.extend(map(asyncio.ensure_future, (_requests(client, on, rounds), _answers(server, back))))

    async with await asyncio.start_unix_server(between, folder / _NAME):
        yield rounds
        await asyncio.wait_for(asyncio.gather(*ways), 60)


async def _requests(client: StreamReader, on: StreamWriter, rounds: Rounds) -> None:
    """The first message has no letter in front."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        letter = b""
        while True:
            length = await client.readexactly(4)
            on.write(letter + length + await client.readexactly(int.from_bytes(length) - 4))
            letter = await client.readexactly(1)
            rounds.made += letter in _WAITED_FOR
    await _closed(on)


async def _answers(server: StreamReader, back: StreamWriter) -> None:
    while some := await server.read(1 << 16):
        back.write(some)
    await _closed(back)


async def _closed(writer: StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
