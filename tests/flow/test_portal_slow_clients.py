"""Those who connect and say nothing, or half of something: they are left after a while, and keep nobody out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from portal.settings import load_settings
from portal.web import app, patience
from tests.flow.portal_crowd import Crowd
from tests.flow.portal_judge import judge
from tests.flow.portal_program import contractor, settled, started, trusting
from tests.unit.portal_world import World, world

HALVES = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-",
    "half a form": b"POST /registration/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\ncsrf=",
}


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(100)])
        settled(found)
        yield found


@contextlib.asynccontextmanager
async def _opened(made: World, port: int, said: bytes, number: int = 1) -> AsyncIterator[list[asyncio.StreamReader]]:
    """So many connections, on each of which this was said and no more."""
    lines = [await asyncio.open_connection("localhost", port, ssl=trusting(made)) for _ in range(number)]
    for _, writer in lines:
        writer.write(said)
    try:
        yield [reader for reader, _ in lines]
    finally:
        for _, writer in lines:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@pytest.mark.parametrize("said", HALVES.values(), ids=HALVES)
async def test_who_never_says_what_for_is_left(said: bytes, made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("HEAD_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(patience, limit, 0.5)
    settings = load_settings(made.root / "portal.toml")
    async with (
        app.listening(app.build(made.portal, settings), settings) as port,
        _opened(made, port, said) as (reader,),
        asyncio.timeout(30),
    ):
        if b"POST" in said:
            assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
        else:
            assert await reader.read() == b""


async def test_who_has_asked_once_may_take_time_for_the_next(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    settings = load_settings(made.root / "portal.toml")
    async with app.listening(app.build(made.portal, settings), settings) as port:
        reader, writer = await asyncio.open_connection("localhost", port, ssl=trusting(made))
        for _ in range(2):
            writer.write(b"HEAD /static/base.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(0.7)
        writer.close()
        await writer.wait_closed()


async def test_a_crowd_of_them_keeps_nobody_from_registering(made: World) -> None:
    async with started(made) as portal:
        port = urlsplit(portal.address).port or 0
        crowd = Crowd(made, [portal.address])
        async with contextlib.AsyncExitStack() as halves:
            for said in HALVES.values():
                await halves.enter_async_context(_opened(made, port, said, 40))
            async with crowd.busy():
                await crowd.more(6)
        await portal.end()
    assert not crowd.ledger.refused
    await judge(made.root / "portal.toml", made.root / "portal.sqlite3", crowd.ledger)
