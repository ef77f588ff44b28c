"""An officer's other work as docs/officer-guide.ja.md tells it, by what is to be read on the pages alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from portal.hours import Hours
from portal.store.mail_rows import MailState
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.browser.screens import officers as screens
from tests.procedure.example import NAME

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late


class Office:
    """An officer's window, and a bidder's beside it."""

    def __init__(self, at: PortalDesk, page: Page, bidder: Page) -> None:
        self.at, self.page, self.bidder = at, page, bidder

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).first.click()

    async def follow(self, name: str) -> None:
        await self.page.get_by_role("link", name=name, exact=True).first.click()

    async def told(self, heading: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)


# One officer's morning: each test leaves things as they were, and is reached by the menu.
@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def office(desk: Desk, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    person = Visitor(browser)
    async with portal_desk(desk, tmp_path_factory.mktemp("office"), hours=Hours()) as at:
        page, bidder = await at.open(person), await at.open(person)
        await screens.log_in(at, page)
        yield Office(at, page, bidder)
        await person.close()
    assert person.unexpected() == [], person.unexpected()


async def test_a_number_that_somebody_reads_out_on_the_telephone(office: Office) -> None:
    office.at.made.card = office.at.made.authority.issue()  # the bidder's own, at the bidder's desk
    await office.at.log_in(office.bidder)
    await office.bidder.goto(f"{office.at.origin}/registration/form")
    told = (await office.bidder.locator(".inquiry strong").inner_text()).lower()
    await office.page.get_by_label("受付番号、企業ID、業者番号").fill(told)
    await office.press("検索")
    await office.told(f"問い合わせ番号 {told.upper()}")
    await expect(office.page.get_by_role("heading", level=2)).to_have_text("登録済みのICカードです")
    await office.follow(f"R-000001（{NAME}）")
    await office.told(NAME)


async def test_a_mail_that_did_not_arrive(office: Office) -> None:
    made = office.at.made
    await made.store.write(lambda db: db.execute("UPDATE outbox SET state = ?", (MailState.SENT,)).rowcount)
    await office.follow("検索")
    await office.follow("R-000001")
    await office.follow("このメールアドレスへのメール")
    await expect(office.page.get_by_role("status")).to_have_text("3件")
    await office.follow("【山口市電子入札】利用者登録完了のお知らせ")
    await office.press("もう一度送る")
    await expect(office.page.get_by_role("status")).to_contain_text("もう一度送るようにしました。")
    await office.follow("メールの一覧へ戻る")
    waiting = office.page.get_by_role("row").filter(has_text="利用者登録完了のお知らせ").filter(has_text="送信待ち")
    await expect(waiting).to_have_count(1)


async def test_news_that_bidders_read_at_the_entrance(office: Office) -> None:
    await office.follow("お知らせと利用日")
    await office.page.get_by_label("お知らせ", exact=True).fill(screens.NEWS)
    await office.press("掲載する")
    await expect(office.page.get_by_role("table", name="掲載中のお知らせ")).to_contain_text(screens.NEWS)
    await office.bidder.goto(office.at.origin)
    await expect(office.bidder.locator("main")).to_contain_text(screens.NEWS)
    await office.press("取り下げる")
    await expect(office.page.get_by_role("table", name="掲載中のお知らせ")).to_have_count(0)
    await office.bidder.reload()
    await expect(office.bidder.locator("main")).not_to_contain_text(screens.NEWS)


async def test_a_day_on_which_the_agency_is_closed_and_then_is_not(office: Office) -> None:
    today = office.at.made.portal.office.today().isoformat()
    for kind, heading in (("臨時休止日にする", "ただいまは利用時間外です"), ("通常に戻す", "利用者登録メニュー")):
        await office.follow("お知らせと利用日")
        await office.page.get_by_label("日付", exact=True).fill(today)
        await office.page.get_by_label("扱い").select_option(kind)
        await office.press("変更する")
        await office.bidder.goto(f"{office.at.origin}/registration/menu")
        await expect(office.bidder.get_by_role("heading", level=1)).to_have_text(heading)


async def test_everything_is_stopped_and_goes_on(office: Office) -> None:
    await office.follow("緊急停止")
    await office.page.get_by_label("日本語の文").fill("停電のため停止しています。")
    await office.page.get_by_label("応札者の画面をすべて止めます").check()
    await office.press("停止する")
    await expect(office.page.get_by_role("heading", level=2)).to_have_text("応札者の画面をすべて止めています")
    await office.bidder.goto(office.at.origin)
    await expect(office.bidder.locator("main")).to_contain_text("停電のため停止しています。")
    await office.press("停止を解除する")
    await office.bidder.reload()
    await expect(office.bidder.get_by_role("heading", level=1)).not_to_have_text("ただいまサービスを停止しています")
    await office.follow("操作の記録")
    await expect(office.page.get_by_role("row").nth(1)).to_contain_text("緊急停止の解除")
