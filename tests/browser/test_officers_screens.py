"""Every page of the officers by the rules of access: axe-core, keyboard alone, narrow, enlarged, in forced colours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from portal.hours import Hours
from portal.store import Mail, outbox
from tests.browser import accessibility, markup
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.browser.screens import officers as screens
from tests.browser.screens.screen import Reach, at
from tests.browser.test_portal_screens import ENLARGED, NOWHERE, SIZES, SPACED, press, tab_to
from tests.flow.officer_decisions import WHY
from tests.unit.portal_crowd import crowd

pytestmark = [
    *ring,
    pytest.mark.skipif(not accessibility.AXE.is_file(), reason="needs `npm ci`, which `make test` runs"),
]
expect.set_options(timeout=20_000)  # a busy computer paints late

FOOT = ["083-934-2710", "電子入札システムの入口（応札者の画面）"]
TABS = ["検索", "メール", "お知らせと利用日", "緊急停止", "操作の記録"]


class Stop(NamedTuple):
    """A page in a state of its own, and what its title begins with."""

    title: str
    reach: Reach


OUTSIDE = (
    Stop("担当者のログイン", at("/officers/login")),
    Stop("担当者のログイン", at("/officers/login?to=R-000002")),
    Stop("担当者のログインが必要です", at("/officers/registrations/R-000002")),
    Stop("ログアウト", at("/officers/ended")),
    Stop("担当者のログイン", screens.shows_stranger),
)
INSIDE = (
    Stop("検索", at("/officers")),
    Stop("検索", at("/officers?words=北北")),
    Stop("検索する言葉が長すぎます：検索", at(f"/officers?words={'あ' * 61}")),
    Stop("問い合わせ番号 K7M2-9QXD", screens.shows_inquiry),
    Stop("この受付番号の登録はありません", at("/officers?words=R-000099")),
    Stop("R-000002", screens.shows_wrong),
    Stop("署名と検証の記録", screens.shows_evidence),
    Stop("不受理の確認", screens.shows_decision),
    Stop("不受理の確認", screens.shows_cancelled),
    Stop("R-000002", screens.shows_done),
    Stop("操作の記録", at("/officers/log")),
    Stop("操作の記録", at("/officers/log?reception=R-000099")),
    Stop("メール", at("/officers/mails")),
    Stop("メール", at("/officers/mails?state=failed")),
    Stop("メール：", at("/officers/mails/1")),
    Stop("お知らせと利用日", screens.shows_notices),
    Stop("入力内容を直してください：お知らせと利用日", screens.shows_wrong_news),
    Stop("緊急停止", at("/officers/emergency")),
    Stop("入力内容を直してください：緊急停止", screens.shows_wrong_stop),
    Stop("緊急停止", screens.shows_lifting),
)


@pytest_asyncio.fixture(loop_scope="session")
async def desk_at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path, hours=Hours()) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(desk_at: PortalDesk, visitor: Visitor) -> Page:
    return await desk_at.open(visitor)


async def test_every_page_in_every_state(desk_at: PortalDesk, page: Page) -> None:
    for stop in OUTSIDE:
        await stop.reach(desk_at, page)
        await check(page, stop.title, tabs=[])
    await screens.log_in(desk_at, page)
    for stop in INSIDE:
        await stop.reach(desk_at, page)
        await check(page, stop.title, tabs=TABS)
        here = page.locator("nav.tabs [aria-current]")
        await expect(here).to_have_count(1)  # which part of the menu this is


async def check(page: Page, title: str, tabs: list[str]) -> None:
    where, address = f"{title} {page.url}", page.url
    assert markup.faults(await page.content()) == [], where
    assert (await page.title()).startswith(title), where
    assert (await page.title()).endswith("｜山口市 電子入札システム 担当者"), where
    assert await page.locator("nav.tabs a").all_inner_texts() == tabs, where
    assert await page.locator("footer a").all_inner_texts() == FOOT, where
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await accessibility.violations(page) == [], where
    await walk(page, where)
    assert await accessibility.edges(page) == [], where
    await fits(page, where)
    assert page.url == address


async def fits(page: Page, where: str) -> None:
    """Nothing is lost at 320 px with wide spacing, nor in letters of twice the size."""
    for width, css in ((320, SPACED), (1280, ENLARGED)):
        await page.set_viewport_size({"width": width, "height": 740})
        await accessibility.restyle(page, css)
        assert (await accessibility.overflow(page), await accessibility.cut(page)) == (0, []), where


async def walk(page: Page, where: str) -> None:
    """Tab reaches everything, in the order that eyes follow, each seen with the focus on it; and there is no trap."""
    names = await accessibility.reachable(page)
    dates = await page.locator("input[type=date]:visible").count()  # year, month, day and calendar are a stop each
    walked = await accessibility.walk(page, len(names) + 3 * dates + 1)
    *stops, beyond = [next(same) for _, same in groupby(walked, key=lambda stop: stop.place)]
    assert [names[stop.place] for stop in stops] == names, where
    assert beyond.place in (0, NOWHERE), where
    tabbed = stops[1:]
    assert [names[stop.place] for stop in tabbed if stop.outline < 2 or not stop.in_sight] == [], where
    assert [names[after.place] for before, after in pairwise(tabbed) if not after.follows(before)] == [], where


async def test_an_officers_whole_work_by_keyboard_alone(desk_at: PortalDesk, page: Page) -> None:
    await screens.prepare(desk_at)
    await page.goto(f"{desk_at.origin}/officers/registrations/R-000002")  # as a mail says
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="本文へ移動")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport(ratio=1)
    await page.keyboard.press("Enter")
    await press(page, "link", "担当者のログインへ進む")
    await press(page, "button", "ICカードでログイン")
    await page.wait_for_url("**/officers/registrations/R-000002")
    await press(page, "button", "不受理へ進む")  # without the reason: the page says so, and has the focus there
    await expect(page.locator("#summary")).to_be_focused()
    await press(page, "link", "理由を入力してください。")
    await expect(page.locator("#reason-refused")).to_be_focused()
    await page.keyboard.insert_text(WHY)
    await press(page, "button", "不受理へ進む")
    await page.wait_for_url("**/decision")
    await press(page, "button", "不受理")
    await page.wait_for_url("**?done=refused")
    await page.go_back()
    await expect(page.locator("#state")).to_have_text("不受理")
    await press(page, "link", "検索")
    await tab_to(page, page.locator("#words"))
    await page.keyboard.insert_text("東組")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("2件を表示しています。")
    await press(page, "button", "ログアウト")
    await page.wait_for_url("**/officers/ended")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("担当者のログインが必要です")


LONGEST = "株式会社" + "𠮷野𠮟髙﨑か゚㐂塚" * 8 + "𠮷𠮷𠮷𠮷"
UNBROKEN = "Internationalconstruction" * 3 + "Japan"


async def test_thousands_of_hits_turn_page_by_page(desk_at: PortalDesk, page: Page) -> None:
    await crowd(desk_at.made, await screens.prepare(desk_at), 3000, "南西{number}組")
    await screens.presses_login(desk_at, page)
    status = page.get_by_role("status")
    await expect(status).to_have_text("3,002件のうち、1～50件目を表示しています。")
    await press(page, "link", "次のページ")
    await expect(status).to_have_text("3,002件のうち、51～100件目を表示しています。")
    await walk(page, "fifty in a list")
    await fits(page, "fifty in a list")
    await page.set_viewport_size(SIZES[1])
    await page.locator("#words").fill("南西")
    await page.keyboard.press("Enter")
    await expect(status).to_contain_text("1,000件のうち、1～50件目を表示しています。ほかにも")
    await page.goto(f"{desk_at.origin}/officers?page=61")
    await expect(status).to_have_text("3,002件のうち、3,001～3,002件目を表示しています。")
    await expect(page.get_by_role("link", name="次のページ")).to_have_count(0)
    await press(page, "link", "前のページ")
    await expect(page.locator("nav.turn span")).to_have_text("60／61ページ")


async def test_the_longest_names_stay_in_sight(desk_at: PortalDesk, page: Page) -> None:
    """80 characters of JIS X 0213 beyond the first plane, and 80 that no browser breaks by itself."""
    made = desk_at.made
    assert (len(LONGEST), len(UNBROKEN)) == (80, 80)
    like = await screens.prepare(desk_at, "𠮷" * 60)
    long = {**like.form, "contact_mail": f"{'m' * 60}@{'d' * 30}.example", "contact_name": "W" * 60}
    for number, name in enumerate((LONGEST, UNBROKEN), 1):
        await crowd(made, like._replace(form=long), 1, name, first=number)
    await made.store.write(
        lambda db: outbox.post(db, [Mail(long["contact_mail"], "件名" * 40, UNBROKEN * 5)], made.time)
    )
    await screens.presses_login(desk_at, page)
    for reception in ("R-000003", "R-000004"):
        await page.goto(f"{desk_at.origin}/officers/registrations/{reception}")
        await fits(page, reception)
        await page.reload()
        await page.locator("#reason-stopped").fill("W" * 400)
        await page.get_by_role("button", name="利用停止へ進む").click()
        await page.wait_for_url("**/decision")
        await fits(page, f"decision on {reception}")
    await page.reload()
    await page.get_by_role("button", name="利用停止", exact=True).click()
    await page.wait_for_url("**?done=stopped")
    for path in ("", "/log", "/mails", "/mails/3"):
        await page.goto(f"{desk_at.origin}/officers{path}")
        await fits(page, path)
