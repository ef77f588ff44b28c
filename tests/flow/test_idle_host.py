"""The card host goes when nobody asks for a while, and stays as long as a PIN session lives."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from bridge.card.client import HostClient
from bridge.card.practice import slot
from tests.card_host import ORIGIN, CardHost
from tests.unit import pki

IDLE_SECONDS, SESSION_SECONDS = 0.5, 2


@pytest.fixture
def desk(tmp_path: Path) -> CardHost:
    """Settings, practice card and planned window; the host is started by the client."""
    shutil.copytree(pki.practice_directory(), tmp_path / "card" / "practice")
    slot.insert(tmp_path / "card" / "practice")
    return CardHost(tmp_path, {"practice": True}, {"session_seconds": SESSION_SECONDS})


async def ended(client: HostClient) -> None:
    for _ in range(2400):
        if not client.running:
            return
        await asyncio.sleep(0.025)
    raise AssertionError("the host stays")


async def test_without_a_session_it_goes_and_the_next_request_starts_another(desk: CardHost) -> None:
    client = HostClient(desk.settings(), 30.0, IDLE_SECONDS, lambda event: None)
    try:
        for _ in range(2):
            assert (await client.call("certificates", {}))["tokens"]
            assert client.running
            await ended(client)
    finally:
        await client.close()


async def test_a_session_keeps_it_until_its_own_end(desk: CardHost) -> None:
    events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    client = HostClient(desk.settings(), 30.0, IDLE_SECONDS, events.put_nowait)
    desk.plan("pin 1234")
    try:
        await client.call("pin/open", {"origin": ORIGIN, "certificate": pki.certificate_id(), "action": "確認"})
        while (event := await events.get())["event"] != "pinSessionEnded":
            continue
        assert event["reason"] == "expired", "a host that was told to go would have forgotten it"
        await ended(client)
    finally:
        await client.close()
