"""How long the host has a PIN: one call, or one batch for a key that wants it each time. Read from its memory."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import pytest

from tests.card.conftest import Bay
from tests.flow.bridge import Bridge, Page, statement
from tests.flow.test_sign import count_in_memory, host_pid
from tests.virtual.card import Answer, Command
from tests.virtual.piv import Key, PivCard, Slot

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(os.getuid() != 0, reason="the host's memory is for root alone (PR_SET_DUMPABLE)"),
]

PIN = b"x7-Kq9Zw"
"""Unlikely to stand in memory by chance."""
GENERAL_AUTHENTICATE = 0x87


class Pausing(PivCard):
    """Takes its time over a signature, so that a test can look at the host meanwhile."""

    def __init__(self, slot: Slot, key: Key) -> None:
        super().__init__({slot: key}, PIN)
        self.signing, self.go_on = threading.Event(), threading.Event()

    def execute(self, command: Command) -> Answer:
        if command.ins == GENERAL_AUTHENTICATE:
            self.signing.set()
            assert self.go_on.wait(60)
        return super().execute(command)


def copies(bridge: Bridge) -> int:
    return count_in_memory(host_pid(bridge), PIN)


async def copies_while_signing(bridge: Bridge, page: Page, card: Pausing) -> int:
    """How often the PIN lies in the host's memory while the card signs; the signature then comes."""
    bridge.plan(f"pin {PIN.decode()}")
    wanted: dict[str, Any] = {"certificate": await page.certificate(), "statement": statement(), "keepPinSession": True}
    asked = asyncio.create_task(page.result("sign", wanted))
    try:
        assert await asyncio.to_thread(card.signing.wait, 60)
        found = copies(bridge)
    finally:
        card.go_on.set()
    assert "statement" in await asked
    return found


async def test_the_pin_is_kept_for_the_batch_of_a_key_that_wants_it_each_time_and_then_wiped(
    daemon: Bridge, bay: Bay, rsa_key: Key
) -> None:
    card = Pausing(Slot.SIGNATURE, rsa_key)
    bay.insert(card)
    daemon.fresh_card()
    async with daemon.page() as page:
        assert await copies_while_signing(daemon, page, card) == 1, "in its one buffer"
        assert copies(daemon) == 0, "though the PIN session lives on"
    assert [verify.word for verify in card.verifications()] == [0x9000] * 2


async def test_for_every_other_key_the_pin_is_gone_when_the_login_is_through(
    daemon: Bridge, bay: Bay, rsa_key: Key
) -> None:
    card = Pausing(Slot.AUTHENTICATION, rsa_key)
    bay.insert(card)
    daemon.fresh_card()
    async with daemon.page() as page:
        assert await copies_while_signing(daemon, page, card) == 0
        assert copies(daemon) == 0
    assert [verify.word for verify in card.verifications()] == [0x9000]


async def test_a_refused_pin_is_wiped_too(daemon: Bridge, bay: Bay, rsa_key: Key) -> None:
    bay.insert(PivCard({Slot.SIGNATURE: rsa_key}, b"246810"))
    daemon.fresh_card()
    daemon.plan(f"pin {PIN.decode()}")
    async with daemon.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        assert (await page.refusal("sign", wanted))["code"] == "pin_wrong"
        assert copies(daemon) == 0


async def test_a_card_pulled_in_the_middle_of_a_batch_leaves_no_pin(daemon: Bridge, bay: Bay, rsa_key: Key) -> None:
    card = Pausing(Slot.SIGNATURE, rsa_key)
    bay.insert(card)
    daemon.fresh_card()
    daemon.plan(f"pin {PIN.decode()}")
    async with daemon.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        asked = asyncio.create_task(page.refusal("sign", wanted))
        assert await asyncio.to_thread(card.signing.wait, 60)
        bay.reader.remove()
        card.go_on.set()
        assert (await asked)["code"] == "card_removed"
        assert copies(daemon) == 0
