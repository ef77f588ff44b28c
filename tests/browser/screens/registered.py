"""What a registered card can do beside ICカード更新: print, change, ask."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from playwright.async_api import Page, expect

from portal.store.database import Database
from tests.browser.portal_desk import PortalDesk
from tests.browser.screens.registration import complete
from tests.browser.screens.screen import Screen, choose


async def sheet(desk: PortalDesk, page: Page) -> None:
    await complete(desk, page)
    await page.get_by_role("link", name="印刷", exact=True).click()
    await page.wait_for_url("**/registration/sheet?*")


async def inquiry(desk: PortalDesk, page: Page) -> None:
    """Some days after the registration."""
    await desk.made.register()
    desk.made.wait(days=3)
    await choose(desk, page, "照会・再印刷")
    await page.wait_for_url("**/inquiry")


async def inquiry_changed(desk: PortalDesk, page: Page) -> None:
    """The history holds a change, too."""
    await change_complete(desk, page)
    await page.goto(f"{desk.origin}/inquiry")


# 変更


async def open_change(desk: PortalDesk, page: Page) -> None:
    """変更 by a registered card."""
    await desk.made.register()
    await choose(desk, page, "変更")
    await page.wait_for_url("**/change")


async def change_shared(desk: PortalDesk, page: Page) -> None:
    """Another card of the company is registered, and this one expires soon."""
    soon = desk.made.time + timedelta(days=40)
    desk.made.card, first = desk.made.authority.issue(122, until=soon), desk.made.card
    await desk.made.register(first)
    await desk.made.register()
    await desk.made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'registered'").rowcount)
    await choose(desk, page, "変更")
    await page.wait_for_url("**/change")


async def change_wrong(desk: PortalDesk, page: Page) -> None:
    await open_change(desk, page)
    await page.locator("#contact_mail").fill("hokuto-001@hitacijoho,co.jp")
    await press_confirm(page)
    await expect(page.locator("#summary")).to_be_focused()


async def change_nothing(desk: PortalDesk, page: Page) -> None:
    await open_change(desk, page)
    await press_confirm(page)
    await expect(page.locator("#summary")).to_be_focused()


async def change_moved(desk: PortalDesk, page: Page) -> None:
    """Another card changed the same field, and one beside it, while this form was open."""
    await open_change(desk, page)
    await page.locator("#company_fax").fill("083-934-2711")
    await desk.made.store.write(_change_elsewhere)
    await press_confirm(page)
    await expect(page.locator("#summary")).to_be_focused()


def _change_elsewhere(db: Database) -> None:
    (form,) = db.execute("SELECT form FROM companies").fetchone()
    changed = {**json.loads(form), "company_fax": "083-000-0001", "contact_person": "窓口 一郎"}
    db.execute("UPDATE companies SET form = ?", (json.dumps(changed, ensure_ascii=False),))


async def change_confirm(desk: PortalDesk, page: Page) -> None:
    await open_change(desk, page)
    await page.locator("#company_fax").fill("083-934-2711")
    await page.locator("#contact_address").fill("山口県山口市亀山町2番1号 とても長い名前の建物の最上階の東側の部屋")
    await press_confirm(page)
    await page.wait_for_url("**/change/confirm")


async def change_complete(desk: PortalDesk, page: Page) -> None:
    await change_confirm(desk, page)
    await page.get_by_role("button", name="変更", exact=True).click()
    await page.wait_for_url("**/change/complete")


async def press_confirm(page: Page) -> None:
    await page.locator("p.actions button[value=confirm]").click()


REGISTERED: Final = (
    Screen("sheet", "利用者情報", "sheet.html", sheet),
    Screen("change", "登録内容の変更", "change_form.html", open_change),
    Screen("change-shared", "登録内容の変更", "change_form.html", change_shared),
    Screen("change-wrong", "入力内容を直してください：登録内容の変更", "change_form.html", change_wrong),
    Screen("change-nothing", "登録内容の変更", "change_form.html", change_nothing),
    Screen("change-moved", "登録内容の変更", "change_form.html", change_moved),
    Screen("change-confirm", "変更内容確認", "change_confirm.html", change_confirm),
    Screen("change-complete", "変更完了", "change_complete.html", change_complete),
    Screen("inquiry-changed", "照会・再印刷", "inquiry.html", inquiry_changed),
    Screen("inquiry", "照会・再印刷", "inquiry.html", inquiry),
)
