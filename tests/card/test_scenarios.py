"""PIN-retry safety from page to card, nothing between them replaced; VERIFYs are counted on the wire."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge.card.safety.guard import CONFIRMATION
from tests.card import other_program
from tests.card.conftest import PIN, Bay
from tests.flow.bridge import Bridge, Page, statement
from tests.virtual.piv import Key, PivCard, Slot

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORD = CONFIRMATION["ja"]
RIGHT = f"pin {PIN.decode()}"
LATER = f"later {PIN.decode()}"


async def sign(page: Page) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement()}


async def codes(page: Page, times: int) -> list[str]:
    asked = await sign(page)
    return [(await page.refusal("sign", asked))["code"] for _ in range(times)]


def shown(bridge: Bridge) -> list[tuple[int | None, str | None, str | None]]:
    """Of each window: the tries, the words that it demands, and its notice."""
    return [(asked["tries"]["count"], asked["typed"], asked["notice"]) for asked in bridge.questions()]


async def test_three_two_one_stop(bridge: Bridge, card: PivCard) -> None:
    bridge.plan("pin 111111", "pin 222222", "pin 333333", RIGHT)
    async with bridge.page() as page:
        assert await codes(page, 4) == ["pin_wrong", "pin_wrong", "pin_last_try", "pin_last_try"]
    assert shown(bridge) == [(3, None, None), (2, None, None), (1, WORD, None), (1, WORD, None)]
    assert (len(card.verifications()), card.tries_left) == (2, 1)


async def test_the_typed_words_let_the_last_try_lock_and_a_locked_card_opens_no_window(
    bridge: Bridge, card: PivCard
) -> None:
    card.tries_left = 1
    bridge.plan(f"pin 333333 {WORD}", RIGHT)
    async with bridge.page() as page:
        assert await codes(page, 2) == ["pin_locked", "pin_locked"]
    assert shown(bridge) == [(1, WORD, None)]
    assert (len(card.verifications()), card.tries_left) == (1, 0)


async def test_the_right_pin_sets_card_and_ledger_back(bridge: Bridge, card: PivCard) -> None:
    bridge.plan("pin 111111", "pin 222222", f"{RIGHT} {WORD}", RIGHT)
    async with bridge.page() as page:
        asked = await sign(page)
        assert await codes(page, 2) == ["pin_wrong", "pin_wrong"]
        assert (bridge.ledger()[0][0], card.tries_left) == (2, 1)
        await page.result("sign", asked)
        assert (bridge.ledger()[0][0], card.tries_left) == (0, 3)
        await page.result("sign", asked)
    assert shown(bridge)[2:] == [(1, WORD, None), (3, None, None)]


async def test_a_try_spent_by_another_program_meanwhile_is_shown_and_no_login_is_sent(
    bridge: Bridge, card: PivCard, bay: Bay
) -> None:
    bridge.plan(LATER, "cancel")
    async with bridge.page() as page:
        asked = asyncio.create_task(page.refusal("sign", await sign(page)))
        await bridge.open_window(1)
        other_program.spend_a_try(bay.name)
        (bridge.directory / "go").touch()
        assert (await asked)["code"] == "pin_cancelled"
    assert shown(bridge) == [(3, None, None), (2, None, "tries_changed")]
    assert len(card.verifications()) == 1, "the other program's alone"


async def test_a_card_locked_by_another_program_meanwhile_is_sent_nothing(
    bridge: Bridge, card: PivCard, bay: Bay
) -> None:
    card.tries_left = 1
    bridge.plan(f"{LATER} {WORD}")
    async with bridge.page() as page:
        asked = asyncio.create_task(page.refusal("sign", await sign(page)))
        await bridge.open_window(1)
        other_program.spend_a_try(bay.name)
        (bridge.directory / "go").touch()
        assert (await asked)["code"] == "pin_locked"
    assert len(bridge.questions()) == 1
    assert len(card.verifications()) == 1


@pytest.mark.parametrize("same", [False, True], ids=["exchanged", "put back"])
async def test_a_card_moved_between_window_and_login_ends_the_request(
    bridge: Bridge, card: PivCard, bay: Bay, ec_key: Key, *, same: bool
) -> None:
    other = card if same else PivCard({Slot.AUTHENTICATION: ec_key}, PIN, guid=bytes([9] * 16))
    bridge.plan(LATER, RIGHT)
    async with bridge.page() as page:
        asked = asyncio.create_task(page.refusal("sign", await sign(page)))
        await bridge.open_window(1)
        bay.remove()
        bay.insert(other)
        (bridge.directory / "go").touch()
        assert (await asked)["code"] == "card_removed"
        assert card.verifications() == other.verifications() == []
        assert "statement" in await page.result("sign", await sign(page)), "and the next request works"
    assert len(bridge.questions()) == 2


async def test_only_the_chosen_certificates_card_is_sent_a_pin(
    bridge: Bridge, card: PivCard, other_bay: Bay, ec_key: Key
) -> None:
    """The person's other card, in the other reader, has another PIN."""
    other = PivCard({Slot.AUTHENTICATION: ec_key}, b"135791", guid=bytes([9] * 16))
    other_bay.insert(other)
    bridge.plan("pin 135791", RIGHT)
    async with bridge.page() as page:
        found = (await page.result("certificates", {"all": True}))["certificates"]
        there = {item["reader"]: item["id"] for item in found}
        assert len(there) == 2
        await page.result("sign", {"certificate": there.pop(other_bay.name), "statement": statement()})
        assert (len(card.verifications()), len(other.verifications())) == (0, 1)
        (mine,) = there.values()
        await page.result("sign", {"certificate": mine, "statement": statement()})
    assert (len(card.verifications()), len(other.verifications())) == (1, 1)


async def test_the_card_is_never_asked_to_change_or_unblock_a_pin(bridge: Bridge, card: PivCard) -> None:
    """Not when a PIN is wrong, not when it locks: selecting, reading, verifying and signing is all that reaches it."""
    selects_and_reads, verify, general_authenticate = {0xA4, 0xCA, 0xCB, 0xC0}, 0x20, 0x87
    bridge.plan("pin 111111", RIGHT, "pin 222222", "pin 333333", f"pin 444444 {WORD}", RIGHT)
    async with bridge.page() as page:
        asked = await sign(page)
        for _ in range(6):
            await page.post("sign", asked)
    assert (card.tries_left, len(bridge.questions())) == (0, 5)
    assert {seen.ins for seen in card.log} == {*selects_and_reads, verify, general_authenticate}
