"""Registration by 区分 in real Chromium: from the selection screen by links and buttons to what the window shows."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import expect

from portal.registration.rules import Effect, RegistrationRules, Scope
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import portal_desk
from tests.procedure.lengths import LONGEST
from tests.unit import portal_pki as pki
from tests.unit.portal_world import SEARCH

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


async def test_the_sheet_of_a_waiting_card_with_its_division_is_one_page(
    desk: Desk, tmp_path: Path, visitor: Visitor
) -> None:
    """The most that a sheet can hold: the longest fields, 仮登録, practice, 受付番号 and 区分."""
    visitor.expect("ERR_CONNECTION_REFUSED")
    async with portal_desk(desk, tmp_path, registration=RULES) as at:
        made = at.made
        made.card = made.authority.issue(130, pki.subject("無関係株式会社"))
        session = await made.login(category="small")
        await made.portal.search.find(session, SEARCH)
        await made.portal.drafts.save_form(session, LONGEST)
        await made.portal.registrar.finish(session, made.signed(await made.portal.registrar.begin(session)))
        page = await visitor.open(f"{at.origin}/registration/menu?division=small")
        page.set_default_timeout(60_000)
        await page.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
        await page.get_by_role("button", name="照会・再印刷", exact=True).click()
        await page.get_by_role("link", name="利用者情報を印刷").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("利用者情報（区分：少額物品、少額役務）")
        await expect(page.locator(".sheet dl.company")).to_have_text("受付番号R-000001")
        assert len(re.findall(rb"/MediaBox", await page.pdf(prefer_css_page_size=True))) == 1
