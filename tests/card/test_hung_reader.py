"""A reader or card that does not answer: the request that met it fails in time, and the next ones are told `busy`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bridge.card import pcsc
from tests.card import other_program
from tests.card.conftest import OPENSC, PIN, Bay, Chain, eventually
from tests.flow.bridge import Bridge, gone, prepare, statement
from tests.flow.test_sign import host_pid
from tests.virtual.card import Answer, Command
from tests.virtual.piv import Key, PivCard, Slot

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHT = f"pin {PIN.decode()}"
GENERAL_AUTHENTICATE = 0x87
DEADLINE_SECONDS = 8
"""Longer than PC/SC is waited for, as the usual 60 s are."""


class Hung(PivCard):
    """Never answers a command for a signature, until its reader is told to let go."""

    def __init__(self, key: Key) -> None:
        super().__init__({Slot.AUTHENTICATION: key}, PIN)
        self.let_go = threading.Event()

    def execute(self, command: Command) -> Answer:
        if command.ins == GENERAL_AUTHENTICATE:
            self.let_go.wait(100)
        return super().execute(command)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty(tmp_path_factory: pytest.TempPathFactory, chain: Chain) -> AsyncIterator[Bridge]:
    bridge = prepare(tmp_path_factory.mktemp("hasty"))
    await bridge.start(card={"practice": False, "modules": [str(OPENSC)], "host_deadline_seconds": DEADLINE_SECONDS})
    try:
        yield bridge
    finally:
        await bridge.stop()


async def test_a_reader_that_a_hung_driver_still_holds_is_said_to_be_busy(
    hasty: Bridge, bay: Bay, rsa_key: Key
) -> None:
    """The library cannot be called back and dies with its host; what it asked of the reader goes on in the service."""
    card = Hung(rsa_key)
    bay.insert(card)
    hasty.fresh_card()
    hasty.plan(RIGHT, RIGHT)
    async with hasty.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        host = host_pid(hasty)
        assert (await page.refusal("sign", wanted))["code"] == "module_timeout"
        assert await gone(host), "an orphan"
        for method, params in (("certificates", {}), ("sign", wanted)):
            refusal = await page.refusal(method, params)
            assert (refusal["code"], refusal["retriable"]) == ("busy", True)
        assert len(hasty.questions()) == 1, "nobody is asked for what cannot be done"
        card.let_go.set()
        eventually(lambda: not pcsc.held_alone(bay.name), "the driver lets go")
        assert "statement" in await page.result("sign", wanted)
    assert [verify.word for verify in card.verifications()] == [0x9000] * 2


async def test_another_program_uses_the_card_between_our_requests(bridge: Bridge, bay: Bay, card: PivCard) -> None:
    """With a PIN session open and without one: the reader is shared, and no transaction of ours lasts."""
    bridge.plan(RIGHT, "yes", RIGHT)
    async with bridge.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        session = (await page.result("sign", {**wanted, "keepPinSession": True}))["pinSession"]
        with other_program.at_work(bay.name):
            pass
        await page.result("sign", {**wanted, "pinSession": session})
        await page.result("pin/close", {"pinSession": session})
        other_program.spend_a_try(bay.name)
        await page.result("sign", wanted)
    assert [verify.word for verify in card.verifications()] == [0x9000, 0x63C2, 0x9000]
