"""変更 and 照会・再印刷 in real Chromium: the real portal behind the pages, a bridge that we direct beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import Problem
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.unit.portal_world import FORM

pytestmark = ring


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        await opened.made.register()
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    """A page at the menu, whose browser has met this bridge before."""
    visitor.expect("ERR_CONNECTION_REFUSED")  # a busy computer's bridge answers late: the client asks its other ports
    opened = await visitor.open(f"{at.origin}/")
    opened.set_default_timeout(60_000)  # as above
    await opened.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
    await opened.goto(f"{at.origin}/registration/menu")
    return opened


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def change_fax(page: Page) -> None:
    await press(page, "変更")
    await page.wait_for_url("**/change")
    await page.locator("#company_fax").fill("083-934-2711")
    await page.locator("p.actions button[value=confirm]").click()
    await page.wait_for_url("**/change/confirm")


async def test_a_change_with_one_pin_and_a_window_of_its_own(at: PortalDesk, page: Page) -> None:
    await change_fax(page)
    await expect(page.locator(".changed")).to_have_count(1)
    await expect(page.locator(".changed .versions dd")).to_have_text(["044-812-86812", "083-934-2711"])
    await press(page, "変更")
    await page.wait_for_url("**/change/complete")
    login, change = at.signed()
    assert (login["statement"]["action"], change["statement"]["action"]) == (
        "利用者登録（変更）のログイン",
        "利用者登録（変更）",
    )
    assert ("pinSession" in login, change["pinSession"]) == (False, "pin-session-1")
    (registration,) = await at.made.store.registrations()
    assert registration.form == {**FORM, "company_fax": "083-934-2711"}
    await press(page, "終了")
    await page.wait_for_url("**/ended")
    assert at.peer.methods[-1] == "pin/close"


@pytest.mark.parametrize("code", ["pin_cancelled", "card_removed"])
async def test_what_goes_wrong_at_the_card_keeps_the_change(at: PortalDesk, page: Page, code: str) -> None:
    await change_fax(page)

    def fail(_: dict[str, Any]) -> None:
        raise Problem(code, title="題", detail="何が", help="次に")

    right, at.peer.answers["sign"] = at.peer.answers["sign"], fail
    await press(page, "変更")
    await expect(page.locator("#problem h2")).to_have_text("題")
    at.peer.answers["sign"] = right
    await press(page, "変更")
    await page.wait_for_url("**/change/complete")


async def test_a_change_is_kept_while_it_is_typed(at: PortalDesk, page: Page) -> None:
    await press(page, "変更")
    await page.wait_for_url("**/change")
    async with page.expect_response("**/api/change/keep") as kept:
        await page.locator("#card_person").fill("部署 二郎")
    assert (await kept.value).status == 204
    await page.goto(f"{at.origin}/registration/menu")
    await page.get_by_role("link", name="このまま「変更」を続ける").click()
    await expect(page.locator("#card_person")).to_have_value("部署 二郎")


async def test_nothing_changed_takes_the_focus_to_what_is_said(at: PortalDesk, page: Page, visitor: Visitor) -> None:
    visitor.expect("422")
    await press(page, "変更")
    await page.wait_for_url("**/change")
    await page.locator("p.actions button[value=confirm]").click()
    await expect(page.locator("#summary")).to_be_focused()
    await expect(page.locator("#summary h2")).to_have_text("変更された項目がありません")
    assert len(at.signed()) == 1


async def test_an_inquiry_signs_nothing_but_its_login(at: PortalDesk, page: Page) -> None:
    await press(page, "照会・再印刷")
    await page.wait_for_url("**/inquiry")
    await expect(page.locator("#company-id")).to_have_text("9991000000000001")
    await page.get_by_role("link", name="利用者情報を印刷").click()
    await page.wait_for_url("**/registration/sheet")
    await page.get_by_role("link", name="戻る").click()
    await page.wait_for_url("**/inquiry")
    assert [each["statement"]["action"] for each in at.signed()] == ["利用者登録（照会・再印刷）のログイン"]


async def test_while_one_button_works_the_others_are_off(at: PortalDesk, page: Page) -> None:
    at.peer.answers["sign"] = lambda _: None
    await press(page, "変更")
    for name in ("登録", "変更", "ICカード更新", "照会・再印刷"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    await press(page, "中止")
    await expect(page.get_by_role("button", name="登録", exact=True)).to_be_enabled()


async def test_no_button_can_be_pressed_before_something_can_answer_it(at: PortalDesk, page: Page) -> None:
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/static/menu.js", hold)
    await page.goto(f"{at.origin}/registration/menu", wait_until="commit")
    await expect(page.get_by_role("button", name="変更", exact=True)).to_be_disabled()
    held.set()
    await expect(page.get_by_role("button", name="変更", exact=True)).to_be_enabled()


async def test_an_end_without_the_pages_script_ends_the_pin_session_all_the_same(at: PortalDesk, page: Page) -> None:
    await press(page, "照会・再印刷")
    await page.wait_for_url("**/inquiry")
    await page.evaluate("document.getElementById('end').submit()")  # no script hears of this
    await page.wait_for_url("**/ended")
    await expect(page.locator("#card")).to_contain_text("署名も終了しました")
    assert at.peer.methods[-1] == "pin/close"
    assert await page.evaluate("sessionStorage.length") == 0
