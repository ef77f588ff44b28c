"""When all is well, and the clock of the server."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.harness import Visitor, ring
from tests.browser.portal_desk import PortalDesk
from tests.browser.start.checks import (
    CLOCK_HELP,
    marked,
    ready,
    says,
    start,
    unreloaded,
)

pytestmark = ring


async def test_everything_in_order(at: PortalDesk, page: Page) -> None:
    await start(at, page)
    await ready(page)
    await says(page, "permission", "good", "許可されています")
    await says(page, "bridge", "good", "つながりました")
    await says(page, "version", "good", "0.1.0")
    await says(page, "reader", "good", "練習用リーダー")
    await says(page, "card", "good", "入っています")
    await says(page, "certificate", "good", "北東組株式会社　北東 次郎（有効期限 2032/11/20）")
    await says(page, "pc-clock", "good", "合っています")
    await page.get_by_role("button", name="利用者登録処理").click()
    await page.wait_for_url("**/registration/menu")


async def test_the_lines_are_those_of_the_procedure_and_nothing_opens_or_costs_a_try(
    at: PortalDesk, page: Page
) -> None:
    await start(at, page)
    await ready(page)
    await says(page, "card", "good", "入っています")
    labels = await page.locator("#checks .name").all_inner_texts()
    assert labels == [
        "ブラウザの許可",
        "カードブリッジ",
        "バージョン",
        "カードリーダー",
        "ICカード",
        "証明書",
        "パソコンの時計",
    ]
    assert set(at.peer.methods) == {"connect", "readers", "certificates"}
    assert await page.locator(".overline").inner_text() == "CALS/EC 電子入札システム　受注者クライアント"


async def test_loading_says_so_until_the_clock_is_there(at: PortalDesk, page: Page) -> None:
    late = asyncio.Event()

    async def hold(route: Any) -> None:
        await late.wait()
        await route.continue_()

    await page.route("**/api/clock", hold)
    await start(at, page)
    await says(page, "bridge", "good", "つながりました")
    await expect(page.locator("#clock time")).to_have_text("読み込み中です。しばらくお待ちください")
    await expect(page.locator("#clock")).to_have_attribute("aria-busy", "true")
    await says(page, "pc-clock", "waiting", "確認しています")
    await ready(page, is_ready=False)
    late.set()
    await expect(page.locator("#clock time")).to_have_text(
        re.compile("^2026年11月24日（火曜日） 10時02分[0-5][0-9]秒$")
    )
    await expect(page.locator("#clock")).not_to_have_attribute("aria-busy", "true")
    await ready(page)


async def test_the_clock_is_the_servers_and_goes_on(at: PortalDesk, page: Page) -> None:
    at.made.time = datetime(2026, 12, 31, 14, 59, 58, tzinfo=UTC)  # Tokyo: two seconds before midnight
    await at.set_pc_clock(page, 7 * 3600)
    await start(at, page)
    await expect(page.locator("#clock time")).to_have_text(re.compile("^2027年1月1日（金曜日） 00時00分0[0-9]秒$"))
    shown = await page.locator("#clock time").get_attribute("datetime")
    assert shown is not None
    assert shown.startswith("2026-12-31T15:00:0")
    await says(page, "pc-clock", "warning", "約7時間進んでいます", CLOCK_HELP)


async def test_without_an_answer_the_clock_says_what_to_do_and_comes_by_itself(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("ERR_FAILED")
    await page.route("**/api/clock", lambda route: route.abort())
    await start(at, page)
    await marked(page)
    await expect(page.locator("#clock time")).to_have_text("日時を表示できません")
    await expect(page.locator("#clock-help")).to_have_text("通信の状態を確かめて、このままお待ちください。")
    await says(page, "certificate", "good", re.compile("北東組株式会社"))
    await ready(page, is_ready=False)
    await page.unroute("**/api/clock")
    await expect(page.locator("#clock time")).to_have_text(re.compile("^2026年11月24日"))
    await expect(page.locator("#clock-help")).to_be_hidden()
    await ready(page)
    await unreloaded(page)
