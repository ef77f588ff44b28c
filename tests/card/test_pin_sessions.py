"""PIN sessions on the real chain: whatever ends one, the card itself forgets, and nothing sends a PIN by itself."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

from bridge.card import pcsc
from tests.card import other_program
from tests.card.conftest import PIN, Bay, eventually
from tests.flow.bridge import OTHER, Bridge, Page, statement
from tests.flow.test_sign import host_pid
from tests.virtual.piv import PivCard

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHT = f"pin {PIN.decode()}"


async def sign(page: Page, **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement(), **more}


async def kept(page: Page) -> str:
    """A PIN session that a signature has opened."""
    return str((await page.result("sign", await sign(page, keepPinSession=True)))["pinSession"])


async def test_closing_a_session_locks_the_card_for_every_program(bridge: Bridge, card: PivCard, bay: Bay) -> None:
    bridge.plan(RIGHT)
    async with bridge.page() as page:
        session = await kept(page)
        assert other_program.can_sign(bay.name), "or what follows says nothing"
        await page.result("pin/close", {"pinSession": session})
        assert not other_program.can_sign(bay.name)


async def test_a_foreign_reset_between_two_signatures_puts_no_verify_on_the_wire(
    bridge: Bridge, card: PivCard, bay: Bay
) -> None:
    bridge.plan(RIGHT, "yes", "yes")
    async with bridge.page() as page:
        session = await kept(page)
        await page.result("sign", await sign(page, pinSession=session))
        pcsc.reset(bay.name)
        refusal = await page.refusal("sign", await sign(page, pinSession=session))
    assert refusal["code"] == "pin_session_ended"
    assert len(card.verifications()) == 1


async def test_a_foreign_reset_while_the_person_reads_puts_no_verify_on_the_wire(
    bridge: Bridge, card: PivCard, bay: Bay
) -> None:
    bridge.plan(RIGHT, "later")
    async with bridge.page() as page:
        session = await kept(page)
        asked = asyncio.create_task(page.refusal("sign", await sign(page, pinSession=session)))
        await bridge.open_window(2)
        pcsc.reset(bay.name)
        (bridge.directory / "go").touch()
        assert (await asked)["code"] == "pin_session_ended"
    assert len(card.verifications()) == 1


async def test_a_card_pulled_ends_the_session_and_the_page_is_told(bridge: Bridge, card: PivCard, bay: Bay) -> None:
    bridge.plan(RIGHT)
    async with bridge.page() as page, page.socket() as socket:
        session = await kept(page)
        bay.remove()
        ended = await socket.event("pinSessionEnded")
        assert (ended["pinSession"], ended["reason"]) == (session, "removed")
        bay.insert(card)
        assert (await page.refusal("sign", await sign(page, pinSession=session)))["code"] == "pin_session_ended"
    assert len(card.verifications()) == 1


async def test_another_origins_pin_ends_the_first_ones_session_and_tells_it_alone(
    bridge: Bridge, card: PivCard
) -> None:
    bridge.plan(RIGHT, RIGHT)
    async with bridge.page() as page, bridge.page(OTHER) as other, page.socket() as mine, other.socket() as theirs:
        first = await kept(page)
        second = await kept(other)
        ended = await mine.event("pinSessionEnded")
        assert (ended["pinSession"], ended["reason"]) == (first, "replaced")
        await page.result("pin/close", {"pinSession": second})
        await other.result("pin/close", {"pinSession": second})
        assert (await theirs.event("pinSessionEnded"))["reason"] == "closed", "not theirs to close, then theirs"
        assert [event["pinSession"] for event in theirs.events if event["event"] == "pinSessionEnded"] == [second]
    assert len(card.verifications()) == 2


async def test_a_killed_host_leaves_no_unlocked_card_behind(bridge: Bridge, card: PivCard, bay: Bay) -> None:
    """The daemon lives: the next host comes by itself and resets the card, nobody having asked for anything."""
    bridge.plan(RIGHT)
    async with bridge.page() as page, page.socket() as socket:
        session = await kept(page)
        with other_program.connected(bay.name):
            os.kill(host_pid(bridge), signal.SIGKILL)
            ended = await socket.event("pinSessionEnded")
            assert (ended["pinSession"], ended["reason"]) == (session, "failed")
            eventually(lambda: not other_program.can_sign(bay.name), "the card is locked for other programs")
    assert len(card.verifications()) == 1
