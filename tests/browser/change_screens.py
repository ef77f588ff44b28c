"""The ways to the screens of 変更 and 照会・再印刷, and to what is told of a card that cannot be registered at once."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta

from playwright.async_api import Page, expect

from tests.browser.portal_desk import PortalDesk
from tests.unit import portal_pki as pki


async def open_change(desk: PortalDesk, page: Page) -> None:
    """変更 by a registered card."""
    await desk.made.register()
    await page.goto(f"{desk.origin}/registration/menu")
    await page.get_by_role("button", name="変更", exact=True).click()
    await page.wait_for_url("**/change")


async def change_shared(desk: PortalDesk, page: Page) -> None:
    """Another card of the company is registered, and this one expires soon."""
    soon = desk.made.time + timedelta(days=40)
    desk.made.card, first = desk.made.authority.issue(122, until=soon), desk.made.card
    await desk.made.register(first)
    await desk.made.register()
    await desk.made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'registered'").rowcount)
    await page.goto(f"{desk.origin}/registration/menu")
    await page.get_by_role("button", name="変更", exact=True).click()
    await page.wait_for_url("**/change")


async def change_nothing(desk: PortalDesk, page: Page) -> None:
    await open_change(desk, page)
    await page.locator("p.actions button[value=confirm]").click()
    await expect(page.locator("#summary")).to_be_focused()


async def change_moved(desk: PortalDesk, page: Page) -> None:
    """Another card changed the same field, and one beside it, while this form was open."""
    await open_change(desk, page)
    await page.locator("#company_fax").fill("083-934-2711")
    await desk.made.store.write(_change_elsewhere)
    await page.locator("p.actions button[value=confirm]").click()
    await expect(page.locator("#summary")).to_be_focused()


def _change_elsewhere(db: sqlite3.Connection) -> None:
    (form,) = db.execute("SELECT form FROM companies").fetchone()
    changed = {**json.loads(form), "company_fax": "083-000-0001", "contact_person": "窓口 一郎"}
    db.execute("UPDATE companies SET form = ?", (json.dumps(changed, ensure_ascii=False),))


async def change_confirm(desk: PortalDesk, page: Page) -> None:
    await open_change(desk, page)
    await page.locator("#company_fax").fill("083-934-2711")
    await page.locator("#contact_address").fill("山口県山口市亀山町2番1号 とても長い名前の建物の最上階の東側の部屋")
    await page.locator("p.actions button[value=confirm]").click()
    await page.wait_for_url("**/change/confirm")


async def change_complete(desk: PortalDesk, page: Page) -> None:
    await change_confirm(desk, page)
    await page.get_by_role("button", name="変更", exact=True).click()
    await page.wait_for_url("**/change/complete")


async def inquiry(desk: PortalDesk, page: Page) -> None:
    await change_complete(desk, page)
    await page.goto(f"{desk.origin}/inquiry")


async def already_registered(desk: PortalDesk, page: Page) -> None:
    await desk.made.register()
    await page.goto(f"{desk.origin}/registration/menu")
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/search")


async def form_waiting(desk: PortalDesk, page: Page) -> None:
    """The card of another organisation and person: it would be a 仮登録."""
    other = pki.subject("無関係株式会社", holder="南西 花子")
    desk.made.card = desk.made.authority.issue(130, other)
    await desk.log_in(page)
    await desk.find(page)
