"""A reader with keys of its own: the PIN never comes here, the window stays, and the person has the reader's time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from bridge.card.client import _PAD_SECONDS, HostClient
from bridge.errors import ModuleTimeout
from tests.card.conftest import OPENSC, PIN, Chain
from tests.card_host import ORIGIN, CardHost
from tests.flow.bridge import FOURTH, OTHER, Bridge, Page, gone, is_alive, prepare, statement
from tests.virtual.gate import Gate
from tests.virtual.piv import PivCard

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEADLINE_SECONDS = 3
LONGEST_READER_SECONDS = 255
"""CCID 1.1 §6.1.11: bTimeOut is one byte."""


class Desk(NamedTuple):
    bridge: Bridge
    keys: Gate


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, chain: Chain) -> AsyncIterator[Desk]:
    directory = tmp_path_factory.mktemp("pad")
    keys, bridge = Gate(directory, OPENSC, pin_pad=True), prepare(directory / "bridge")
    card = {"practice": False, "modules": [str(keys.library)], "host_deadline_seconds": DEADLINE_SECONDS}
    await bridge.start(card=card)
    try:
        yield Desk(bridge, keys)
    finally:
        await bridge.stop()


@pytest.fixture
def desk(running: Desk, card: PivCard) -> Desk:
    running.bridge.fresh_card()
    running.bridge.plan(*["pad"] * 3)
    return running


class Asked(NamedTuple):
    """A signature that waits for the person at the reader's keys."""

    answer: asyncio.Task[tuple[int, dict[str, Any]]]
    login: int
    window: int


async def asked(desk: Desk, page: Page) -> Asked:
    before = len(desk.bridge.questions())
    wanted = {"certificate": await page.certificate(), "statement": statement()}
    answer = asyncio.create_task(page.post("sign", wanted))
    login = await asyncio.to_thread(desk.keys.await_login)
    return Asked(answer, login, await desk.bridge.open_window(before + 1))


async def test_the_window_has_no_field_and_stays_until_the_login_ends(desk: Desk, card: PivCard) -> None:
    async with desk.bridge.page() as page:
        waiting = await asked(desk, page)
        (question,) = desk.bridge.questions()
        assert (question["pinPad"], question["pin"], question["tries"]["count"]) == (True, None, 3)
        assert is_alive(waiting.window), "the person still reads there what to do"
        assert card.verifications() == []
        desk.keys.let_through(waiting.login, PIN.decode())
        status, body = await waiting.answer
        assert (status, set(body)) == (200, {"statement", "receipt"})
        assert await gone(waiting.window)
    assert len(card.verifications()) == 1


async def test_the_person_has_longer_than_the_hosts_deadline(desk: Desk) -> None:
    async with desk.bridge.page() as page:
        waiting = await asked(desk, page)
        assert _PAD_SECONDS > LONGEST_READER_SECONDS
        await asyncio.sleep(DEADLINE_SECONDS + 1)  # time is what is tested: a call to a card would be over by now
        desk.keys.let_through(waiting.login, PIN.decode())
        assert (await waiting.answer)[0] == 200


async def test_a_reader_that_never_comes_back_is_given_up(desk: Desk, card: PivCard, tmp_path: Path) -> None:
    host = CardHost(tmp_path, {"practice": False, "modules": [str(desk.keys.library)]})
    client = HostClient(host.settings(), DEADLINE_SECONDS, 60.0, lambda event: None, pad_seconds=DEADLINE_SECONDS)
    host.plan("pad")
    try:
        (token,) = (await client.call("certificates", {}))["tokens"]
        asked = {"origin": ORIGIN, "certificate": token["certificates"][0]["id"], "action": "PIN"}
        with pytest.raises(ModuleTimeout):
            await client.call("pin/open", asked)
        assert not client.running
    finally:
        await client.close()
    assert card.verifications() == []


async def test_a_wrong_pin_counts_and_leaves_no_fingerprint(desk: Desk, card: PivCard) -> None:
    """Nothing passes here that could be compared: the same digits may be typed again, and the counter says what for."""
    async with desk.bridge.page() as page:
        for left in (2, 1):
            waiting = await asked(desk, page)
            desk.keys.let_through(waiting.login, "111111")
            _, body = await waiting.answer
            assert (body["code"], body["tries"]["count"]) == ("pin_wrong", left)
    assert desk.bridge.ledger() == [[2, None, "", []]]
    assert len(card.verifications()) == 2


async def test_the_last_try_needs_the_typed_words_before_the_keys(desk: Desk, card: PivCard) -> None:
    card.tries_left = 1
    async with desk.bridge.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        assert (await page.refusal("sign", wanted))["code"] == "pin_last_try"
    assert card.verifications() == []


async def test_giving_up_at_the_keys_spends_no_try_and_is_a_cancel(desk: Desk, card: PivCard) -> None:
    async with desk.bridge.page(OTHER) as page:
        waiting = await asked(desk, page)
        desk.keys.let_through(waiting.login, "cancel")
        assert (await waiting.answer)[1]["code"] == "pin_cancelled"
        assert await gone(waiting.window)
    assert desk.bridge.ledger() == [[0, None, "", []]]
    assert card.verifications() == []


async def test_a_page_that_cancels_meanwhile_gets_no_login(desk: Desk, card: PivCard) -> None:
    """The library cannot be called back; what the person still types ends in a login that is undone at once."""
    async with desk.bridge.page(FOURTH) as page, page.socket() as socket:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        await socket.ask(1, "sign", {**wanted, "keepPinSession": True})
        login = await asyncio.to_thread(desk.keys.await_login)
        window = await desk.bridge.open_window(1)
        await socket.raw.send_json({"id": 1, "cancel": True})
        assert await gone(window)
        assert (await socket.reply(1))["error"]["code"] == "consent_cancelled"
        desk.keys.let_through(login, PIN.decode())
        assert await page.certificate(), "the host is free again"
    assert not card.verified
