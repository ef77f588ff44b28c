"""What anybody sees: the pages for reading, 動作確認, and the ends of the road."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Page, expect

from tests.browser.portal_desk import TRIES, PortalDesk
from tests.browser.screens.screen import Screen, at, refusing


async def closed(desk: PortalDesk, page: Page) -> None:
    """After 20:00."""
    desk.made.wait(hours=11)
    await page.goto(f"{desk.origin}/divisions")


# 利用者登録処理


async def start_loading(desk: PortalDesk, page: Page) -> None:
    desk.peer.answers["connect"] = lambda _: None
    await page.route("**/api/clock", lambda _: None)
    await page.goto(f"{desk.origin}/registration")


async def start_ready(desk: PortalDesk, page: Page) -> None:
    await desk.set_pc_clock(page)
    await page.goto(f"{desk.origin}/registration")
    await expect(page.locator("#checks [data-state=good]")).to_have_count(7)
    await expect(page.get_by_role("button", name="利用者登録処理")).to_be_enabled()


async def start_refused(desk: PortalDesk, page: Page) -> None:
    """The bridge does not let this site in; the clock of this PC is off."""
    desk.peer.answers["connect"] = refusing(
        "origin_denied", title="このサイトは許可されていません", help="確かめてください。"
    )
    await desk.set_pc_clock(page, 15 * 60)
    await page.goto(f"{desk.origin}/registration")
    await expect(page.locator("#check-bridge .help")).to_be_visible()
    await expect(page.locator("#check-pc-clock .help")).to_be_visible()


async def start_unprepared(desk: PortalDesk, page: Page) -> None:
    """The button is on; what the next screen needs is not there, or not for long."""
    expired = desk.listed(desk.made.card, notAfter="2026-10-31T14:59:59Z", expiry="2026/10/31")
    card = {"label": "電子入札用ICカード", "tries": {**TRIES, "hint": "last"}}
    desk.peer.answers["readers"] = lambda _: {"readers": [{"name": "練習用リーダー", "hasPinPad": False, "card": card}]}
    desk.peer.answers["certificates"] = lambda _: {"certificates": [expired]}
    await desk.set_pc_clock(page)
    await page.goto(f"{desk.origin}/registration")
    await expect(page.locator("#check-card .help")).to_be_visible()
    await expect(page.locator("#check-certificate .help")).to_be_visible()


PUBLIC: Final = (
    Screen("entrance", "入口", "entrance.html", at("/")),
    Screen("entrance-print", "印刷用ページ", "entrance_print.html", at("/print")),
    Screen("first-time", "初めて御利用の方へ", "first_time.html", at("/first-time")),
    Screen("setup", "パソコンの準備", "setup.html", at("/setup")),
    Screen("accessibility", "ウェブアクセシビリティ方針", "accessibility.html", at("/accessibility")),
    Screen("divisions", "調達機関・区分選択", "divisions.html", at("/divisions")),
    Screen("business", "利用者登録／電子入札 選択", "business.html", at("/divisions/works")),
    Screen("later", "電子入札システム（準備中）", "preparing.html", at("/preparing/bidding")),
    Screen("start-loading", "利用者登録処理", "start.html", start_loading),
    Screen("start", "利用者登録処理", "start.html", start_ready),
    Screen("start-refused", "利用者登録処理", "start.html", start_refused),
    Screen("start-unprepared", "利用者登録処理", "start.html", start_unprepared),
    Screen("ended", "終了", "ended.html", at("/ended")),
    Screen("closed", "ただいまは利用時間外です", "refused.html", closed),
    Screen("refused", "ページが見つかりません", "refused.html", at("/nowhere")),
)
