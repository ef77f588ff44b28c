"""What 動作確認 asks the bridge, over a practice card with a real counter."""

from __future__ import annotations

import pytest

from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from tests.flow.bridge import Bridge

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_looking_at_reader_card_and_certificate_opens_no_window_and_spends_no_try(bridge: Bridge) -> None:
    async with bridge.page() as page:
        await page.until_card_seen()
        for _ in range(5):
            await page.result("readers", {})
            (certificate,) = (await page.result("certificates", {"purpose": "sign", "all": True}))["certificates"]
            assert certificate["state"] == "valid"
        practice_slot.remove(bridge.practice)
        assert (await page.refusal("certificates", {"purpose": "sign", "all": True}))["code"] == "no_card"
    assert bridge.questions() == []
    assert bridge.tries_left == practice.MAX_TRIES
