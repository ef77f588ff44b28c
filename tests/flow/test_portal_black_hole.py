"""A mail server that takes connections or mails and never answers: registering goes on, each mail goes out once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.flow.mail_server import Post, mail_server
from tests.flow.portal_crowd import Crowd
from tests.flow.portal_judge import judge
from tests.flow.portal_post import arrived, mails
from tests.flow.portal_program import contractor, settled, started
from tests.running_demo import free_port
from tests.unit.portal_world import world


class _Hole:
    """Says `greeting` and 250 to every line, but nothing to a mail's content."""

    def __init__(self, greeting: bytes) -> None:
        self._greeting = greeting
        self.swallowed = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._greeting)
        with contextlib.suppress(asyncio.CancelledError):
            while line := await reader.readline():
                if line == b"DATA\r\n":
                    writer.write(b"354 go ahead\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    self.swallowed.set()
                elif self._greeting:
                    writer.write(b"250 ok\r\n")
                else:
                    self.swallowed.set()
        writer.close()


@contextlib.asynccontextmanager
async def _hole(greeting: bytes, port: int) -> AsyncIterator[_Hole]:
    hole, talks = _Hole(greeting), set[asyncio.Task[None]]()
    server = await asyncio.start_server(
        lambda reader, writer: talks.add(asyncio.create_task(hole.talk(reader, writer))), "127.0.0.1", port
    )
    try:
        yield hole
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks)


async def test_a_mail_server_that_never_answers_holds_nobody_up(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        await made.store.import_contractors([contractor(number) for number in range(100)])
        port, post = free_port(), Post()
        settings = settled(made, mails(port))
        async with started(made) as portal:
            crowd = Crowd(made, [portal.address])
            async with crowd.busy():
                async with _hole(b"", port):
                    await crowd.more(4)
                async with _hole(b"220 hole\r\n", port) as hole:
                    await hole.swallowed.wait()
                    await crowd.more(4)
            async with mail_server(post, port):
                await arrived(made, post)
            await portal.end()
        assert not crowd.ledger.refused
        await judge(settings, tmp_path / "portal.sqlite3", crowd.ledger)
