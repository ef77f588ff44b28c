"""What pages do before time ends: they warn, take nobody's focus who types, and put the end off when asked.

The page's clock is turned together with the server's, so that nobody waits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from portal.hours import Hours
from portal.signatures.certificate import TOKYO
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import PortalDesk, portal_desk

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path, hours=Hours()) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    """A page whose timers run when a test says so, at 10:02."""
    visitor.expect("ERR_CONNECTION_REFUSED")  # as in test_portal_pages.py
    opened = await visitor.open(f"{at.origin}/")
    opened.set_default_timeout(60_000)
    await opened.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
    return opened


async def stop_clock(at: PortalDesk, page: Page) -> None:
    """From the next page on, its time stands still but for `turn`."""
    await page.clock.install(time=at.made.time)
    await page.clock.pause_at(at.made.time.replace(year=2027))


async def turn(at: PortalDesk, page: Page, minutes: float) -> None:
    """Both clocks go on: the server's first, which the page then asks."""
    at.made.wait(minutes=minutes)
    await page.clock.run_for(int(minutes * 60_000))


async def open_form(at: PortalDesk, page: Page, clock: str = "10:02") -> Locator:
    """The form at this time of the day, all clocks stopped; its warning."""
    hour, minute = map(int, clock.split(":"))
    at.made.time = at.made.time.astimezone(TOKYO).replace(hour=hour, minute=minute).astimezone(UTC)
    await at.log_in(page)
    await at.find(page)
    await stop_clock(at, page)
    await page.reload()
    return page.get_by_role("alertdialog")


async def test_a_warning_comes_before_the_visit_ends_and_one_key_puts_the_end_off(at: PortalDesk, page: Page) -> None:
    warning = await open_form(at, page)
    await turn(at, page, 54)
    await expect(warning).to_be_hidden()
    await turn(at, page, 1.5)
    await expect(warning.get_by_role("heading")).to_have_text("午前11時02分に、この接続が終わります")
    await expect(page).to_have_title(r"【午前11時02分に、この接続が終わります】利用者登録｜山口市 電子入札システム")
    await expect(page.get_by_role("button", name="延長する")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(warning).to_be_hidden()
    await expect(page.locator("#extended")).to_contain_text("延長しました。この接続は午前11時57分まで有効です")
    await expect(page.locator("#ending")).to_contain_text("この接続は午前11時57分まで有効です")
    await expect(page).to_have_title("利用者登録｜山口市 電子入札システム")
    await turn(at, page, 30)
    await expect(warning).to_be_hidden()
    await turn(at, page, 26)
    await expect(warning.get_by_role("heading")).to_have_text("午前11時57分に、この接続が終わります")


async def test_who_types_keeps_the_focus_and_finds_the_button_behind_the_field(at: PortalDesk, page: Page) -> None:
    warning = await open_form(at, page)
    field = page.locator("#contact_name")
    await turn(at, page, 54)
    await field.focus()
    await turn(at, page, 1.5)
    await expect(warning).to_be_visible()
    await expect(page.locator("#ends-said")).to_contain_text("Tabキーで「延長する」へ移れます。")
    await expect(field).to_be_focused()
    await page.keyboard.type("eigyo")
    await expect(field).to_have_value("eigyo")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="延長する")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(warning).to_be_hidden()
    await expect(field).to_be_focused()


async def test_typing_alone_puts_the_end_off_and_takes_the_warning_back(at: PortalDesk, page: Page) -> None:
    warning = await open_form(at, page)
    await page.locator("#contact_name").focus()
    await turn(at, page, 56)
    await expect(warning).to_be_visible()
    async with page.expect_response("**/api/registration/keep"):
        await page.keyboard.type("eigyo")
        await turn(at, page, 0.05)  # the page keeps what is typed after a pause, and with that uses the visit
    await turn(at, page, 0.5)
    await expect(warning).to_be_hidden()
    await expect(page.locator("#ending")).to_contain_text("この接続は午前11時58分まで有効です")


async def test_the_warning_is_closed_by_escape_and_does_not_come_back(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("403")
    warning = await open_form(at, page)
    await turn(at, page, 56)
    await expect(warning).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(warning).to_be_hidden()
    await turn(at, page, 2)
    await expect(warning).to_be_hidden()
    await turn(at, page, 3)
    await expect(warning.get_by_role("heading")).to_have_text("接続の時間が過ぎました")


async def test_an_end_that_another_page_put_off_is_no_end_here(at: PortalDesk, page: Page, visitor: Visitor) -> None:
    warning = await open_form(at, page)
    await turn(at, page, 56)
    await expect(warning).to_be_visible()
    other = await visitor.open_in(page.context, f"{at.origin}/registration/form")
    await other.close()
    await turn(at, page, 0.5)
    await expect(warning).to_be_hidden()


async def test_after_the_visit_the_page_says_so_and_what_was_typed_is_there_again(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("403")
    warning = await open_form(at, page)
    await page.locator("#contact_name").fill("営業部")  # and nothing more: the page cannot keep it in time
    at.made.wait(minutes=61)
    await page.locator("p.actions button[value=confirm]").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("接続の時間が過ぎました")
    await page.get_by_role("link", name="利用者登録メニューへ進む").click()
    await page.get_by_role("button", name="登録").click()
    await page.wait_for_url("**/registration/search")
    await page.goto(f"{at.origin}/registration/form")
    await expect(page.locator("#contact_name")).to_have_value("営業部")
    await turn(at, page, 61)
    await expect(warning.get_by_role("heading")).to_have_text("接続の時間が過ぎました")
    await expect(warning.get_by_role("link", name="利用者登録メニューへ進む")).to_be_focused()
    await expect(page.get_by_role("button", name="延長する")).to_be_hidden()


async def test_closing_is_told_before_and_the_time_to_finish_after(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("503")
    warning = await open_form(at, page, "19:40")
    await turn(at, page, 5.5)
    await expect(warning).to_contain_text(
        "本日の利用時間は、午後8時00分までです 始めた手続は、午後8時15分まで続けられます。"
    )
    await expect(page.get_by_role("button", name="延長する")).to_be_hidden()
    await page.get_by_role("button", name="閉じる").press("Enter")
    await expect(warning).to_be_hidden()
    await turn(at, page, 25)
    await expect(warning.get_by_role("heading")).to_have_text("午後8時15分に、本日の利用を終わります")
    await expect(warning).to_contain_text("次は、11月25日（水）午前8時30分からご利用いただけます。")
    await turn(at, page, 5)
    await expect(warning.get_by_role("heading")).to_have_text("本日の利用時間が終わりました")
    await page.locator("#contact_name").fill("営業部")
    await page.locator("p.actions button[value=confirm]").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("ただいまは利用時間外です")
    assert "営業部" in str(await at.made.store.read(lambda db: db.execute("SELECT form FROM drafts").fetchall()))


async def test_the_time_to_finish_after_closing_is_put_off_once_by_one_key(at: PortalDesk, page: Page) -> None:
    warning = await open_form(at, page, "19:55")
    await page.get_by_role("button", name="閉じる").press("Enter")  # that the portal closes at 20:00
    await turn(at, page, 15.5)
    await expect(warning.get_by_role("heading")).to_have_text("午後8時15分に、本日の利用を終わります")
    await expect(warning).to_contain_text("「延長する」を押すと、一度だけ15分延ばせます。")
    await page.get_by_role("button", name="延長する").press("Enter")
    await expect(warning).to_be_hidden()
    await expect(page.locator("#extended")).to_contain_text("始めた手続は午後8時30分まで続けられます。")
    await turn(at, page, 15)
    await expect(warning.get_by_role("heading")).to_have_text("午後8時30分に、本日の利用を終わります")
    await expect(page.get_by_role("button", name="延長する")).to_be_hidden()


async def test_an_extension_that_comes_too_late_says_what_to_do(at: PortalDesk, page: Page, visitor: Visitor) -> None:
    visitor.expect("403")
    warning = await open_form(at, page)
    await turn(at, page, 56)
    await expect(warning).to_be_visible()
    at.made.wait(minutes=10)
    await page.get_by_role("button", name="延長する").press("Enter")
    await expect(warning).to_contain_text("利用者登録メニューから、もう一度ICカードで確認してください。")
