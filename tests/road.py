"""The person of the procedure: drives the portal's pages in a real browser and the real PIN window on a screen.

Used by the demo's check and by the end-to-end tests, so that there is one road.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from playwright.async_api import Locator, Page, expect

from tests.desktop import display
from tests.procedure.example import COMPANY, CONTACT, NAME, NUMBER, SIGNED, Line, Section

PIN_WINDOW, CONFIRM_WINDOW = "PIN番号入力ダイアログ", "署名の確認"
# The window ignores keys for 700 ms after it gains the focus, so that a stray Enter agrees to nothing.
SETTLE_SECONDS = 1.2
ATTEMPTS = 4
GONE_SECONDS = 15
NEW_FAX = "044-812-86813"
SLOW_MACHINE_MS = 120_000

Look = Callable[[str], Awaitable[None]]
"""Called at each screen with its name: says it, or does nothing."""


class Person(NamedTuple):
    """Who sits there: a page, a screen with the PIN window, a PIN."""

    page: Page
    screen: display.Environment
    pin: str
    look: Look
    hidden: bool = False
    """A card that shows its certificate after the PIN alone, and wants its PIN for each signature (JPKI)."""

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def follow(self, name: str) -> None:
        await self.page.get_by_role("link", name=name, exact=True).first.click()

    async def heading(self, text: str | re.Pattern[str]) -> None:
        await expect(self.page.get_by_role("heading", level=1, name=text)).to_be_visible(timeout=SLOW_MACHINE_MS)


async def register(person: Person, portal: str) -> str:
    """From the entrance to the print sheet; returns the 企業ID."""
    await enter(person, portal)
    await log_in(person)
    await search(person)
    await fill_form(person)
    await confirm(person)
    return await finish(person)


async def enter(person: Person, portal: str) -> None:
    """入口 → 区分選択 → 利用者登録処理 → メニュー."""
    person.page.set_default_timeout(SLOW_MACHINE_MS)
    await person.page.goto(portal)
    await person.look("entrance")
    await person.follow("電子入札システム")
    await person.look("divisions")
    await person.follow("工事、コンサル")
    await person.look("business")
    await person.follow("利用者登録")
    await person.heading("利用者登録処理")
    start = person.page.get_by_role("button", name="利用者登録処理")
    await expect(start).to_be_enabled(timeout=SLOW_MACHINE_MS)
    await person.look("start")
    await start.click()
    await person.heading("利用者登録メニュー")
    await person.look("menu")


async def log_in(person: Person) -> None:
    """登録 on the menu: the PIN window, once."""
    await person.press("登録")
    await answer_login(person)
    await person.heading("資格審査情報検索")
    await person.look("search")


async def search(person: Person, number: str = NUMBER, name: str = NAME) -> None:
    await person.page.fill("#number", number)
    await person.page.fill("#name", name)
    await person.press("検索")
    await person.heading("利用者登録")


async def fill_form(person: Person) -> None:
    """The form; ICカード利用部署情報 by the button 同じ内容."""
    for name, value in COMPANY.items():
        await person.page.fill(f"#{name}", value)
    for name, value in CONTACT.items():
        await person.page.fill(f"#contact_{name}", value)
    await person.press("同じ内容")
    await expect(person.page.locator("#card_mail_again")).to_have_value(CONTACT["mail"], timeout=SLOW_MACHINE_MS)
    await person.look("form")
    await person.press("入力内容確認")
    await person.heading("登録内容確認")


async def confirm(person: Person) -> None:
    """登録内容確認: what the card's certificate says stands there; 登録 asks once more, without a PIN."""
    assert await _sections(person.page) == list(SIGNED)
    await person.look("confirm")
    await person.press("登録")
    await answer_window(person, None)


async def _sections(page: Page) -> list[Section]:
    """The page's panels of facts, as a person reads them."""
    panels = page.locator("main section.panel")
    return [Section(await panel.locator("h2").inner_text(), await _lines(panel)) for panel in await panels.all()]


async def _lines(panel: Locator) -> tuple[Line, ...]:
    labels, values = panel.locator("dt"), panel.locator("dd")
    return tuple(zip(await labels.all_inner_texts(), await values.all_inner_texts(), strict=True))


async def finish(person: Person) -> str:
    """完了 and the print sheet."""
    identity = person.page.locator("#company-id")
    await expect(identity).to_be_visible(timeout=SLOW_MACHINE_MS)
    company_id = (await identity.inner_text()).strip()
    await person.look("complete")
    await person.follow("印刷")
    await expect(person.page.get_by_text(company_id).first).to_be_visible()
    await person.look("sheet")
    return company_id


async def answer_login(person: Person) -> None:
    """The PIN window of a login; a hidden certificate is read by a PIN of its own first."""
    if person.hidden:
        await answer_window(person, person.pin)
    await answer_window(person, person.pin)


async def answer_window(person: Person, pin: str | None) -> None:
    """Read the window that opened, type the PIN (None: the PIN session spares it, where it can) and press Enter."""
    await asyncio.to_thread(_answer, person.screen, person.pin if person.hidden else pin)


def _answer(screen: display.Environment, pin: str | None) -> None:
    # Enter alone agrees to nothing in the confirmation: its OK button is walked to.
    keys = ["Tab", "Return"] if pin is None else ["Return"]
    use_window(screen, CONFIRM_WINDOW if pin is None else PIN_WINDOW, pin or "", *keys)


def use_window(screen: display.Environment, title: str, text: str, *keys: str) -> None:
    """Type and press until the window is gone.

    Keys that come before the window's guard opens are dropped all together and start its wait again, which happens on
    a busy machine: then the person waits and types once more.
    """
    window = display.find_window(screen, title, SLOW_MACHINE_MS / 1000)
    for _ in range(ATTEMPTS):
        display.wait_focused(screen, window)
        time.sleep(SETTLE_SECONDS)
        if text:
            display.type_text(screen, text)
        display.press(screen, *keys)
        with contextlib.suppress(display.NoWindow):
            display.wait_gone(screen, title, GONE_SECONDS)
            return
    raise display.NoWindow(f"{title} stays open")


async def leave(person: Person) -> None:
    """From the print sheet back, and 終了: login and PIN session are over."""
    await person.follow("戻る")
    await person.press("終了")
    await person.heading("終了しました")
    await expect(person.page.locator("#card")).to_contain_text("署名も終了しました", timeout=SLOW_MACHINE_MS)


async def change(person: Person, portal: str) -> None:
    """変更 of one line, from the entrance to the print sheet: one PIN, old and new shown and signed."""
    await enter(person, portal)
    await person.press("変更")
    await answer_login(person)
    await person.heading("登録内容の変更")
    await person.page.fill("#company_fax", NEW_FAX)
    await person.look("change")
    await person.press("入力内容確認")
    await person.heading("変更内容確認")
    changed = person.page.locator(".changed dd dd")
    await expect(changed).to_have_text([COMPANY["company_fax"], NEW_FAX])
    await person.look("change-confirm")
    await person.press("変更")
    await answer_window(person, None)
    await person.heading("登録内容の変更が完了いたしました")
    await person.look("change-complete")
    await person.follow("印刷")
    await expect(person.page.get_by_text(NEW_FAX, exact=True)).to_be_visible()


async def inquire(person: Person, portal: str) -> None:
    """照会・再印刷: what is registered, with its history, and the print sheet once more."""
    await enter(person, portal)
    await person.press("照会・再印刷")
    await answer_login(person)
    await person.heading("照会・再印刷")
    await expect(person.page.get_by_text(NEW_FAX, exact=True)).to_be_visible()
    await expect(person.page.locator("#history td:nth-child(2)")).to_have_text(["登録", "変更"])
    await person.look("inquiry")
    await person.follow("利用者情報を印刷")
    await person.heading("利用者情報")


async def renew(person: Person, portal: str, exchange: Callable[[], Awaitable[None]]) -> None:
    """ICカード更新, from the menu to its completion: one PIN for each card; `exchange` puts the new card in."""
    await enter(person, portal)
    await begin_renewal(person)
    await hand_over(person)
    await exchange()
    await accept(person)


async def begin_renewal(person: Person) -> None:
    """The menu's ICカード更新: the old card's PIN, its only one."""
    await person.press("ICカード更新")
    await answer_window(person, person.pin)
    await person.heading("ICカード更新")
    await person.look("renewal")


async def hand_over(person: Person) -> None:
    """説明と準備 → 旧ICカードの引継ぎ → 差し替えてください; the window asks without a PIN."""
    await person.press("次へ")
    await person.heading("旧ICカードの引継ぎ")
    await person.look("renewal-handover")
    await person.press("引継ぎに署名")
    await answer_window(person, None)
    await person.heading("新しいICカードに差し替えてください")
    await told_of_card(person, "旧ICカードのままです")
    await person.look("renewal-exchange")


async def accept(person: Person) -> None:
    """The new card is seen → 新ICカードの確認 → its PIN, its only one → 更新完了."""
    await told_of_card(person, "新しいICカードを確認しました")
    await person.look("renewal-found")
    await person.press("次へ")
    await person.heading("新ICカードの確認")
    await person.look("renewal-confirm")
    await person.press("更新")
    await answer_window(person, person.pin)
    await person.heading("ICカードの更新が完了いたしました")
    await person.look("renewal-complete")


async def told_of_card(person: Person, title: str) -> None:
    """What the exchange page says of the card in the reader."""
    await expect(person.page.locator("#seen h2")).to_have_text(title, timeout=SLOW_MACHINE_MS)
