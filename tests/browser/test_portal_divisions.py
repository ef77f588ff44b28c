"""Registration by 区分 in real Chromium: from the selection screen by links and buttons to what the window shows."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from portal.registration.rules import Effect, RegistrationRules, Scope
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import portal_desk

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late

RULES = RegistrationRules(scope=Scope.CATEGORY, holder=Effect.WARN)  # the example's card is not its representative's


async def test_the_chosen_division_is_what_the_card_signs(desk: Desk, tmp_path: Path, visitor: Visitor) -> None:
    visitor.expect("ERR_CONNECTION_REFUSED")  # as in test_portal_pages.py
    async with portal_desk(desk, tmp_path, registration=RULES) as at:
        page = await visitor.open(f"{at.origin}/divisions")
        page.set_default_timeout(60_000)
        await page.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
        await page.get_by_role("link", name="物品、役務", exact=True).click()
        await page.get_by_role("link", name="利用者登録", exact=True).click()
        await page.get_by_role("button", name="利用者登録処理").click()
        await page.get_by_role("button", name="登録", exact=True).click()
        await page.wait_for_url("**/registration/search")
        await expect(page.locator("header .division")).to_have_text("区分：物品、役務")
        await at.find(page)
        await at.fill(page)
        await page.get_by_role("button", name="登録", exact=True).click()
        await page.wait_for_url("**/registration/complete")
        login, registration = (each["statement"]["payload"]["sections"] for each in at.signed())
        assert {"label": "区分", "value": "物品、役務"} in login[0]["value"]
        assert registration[0] == {"label": "登録区分", "value": [{"label": "区分", "value": "物品、役務"}]}
