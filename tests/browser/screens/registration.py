"""登録, from the menu to the completion, in every state that a person can meet."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from playwright.async_api import Page, expect

from tests.browser.portal_desk import TRIES, PortalDesk
from tests.browser.screens.screen import Screen, at, choose, refusing
from tests.procedure.example import CERTIFICATE, SEARCH
from tests.unit import portal_pki as pki

# 利用者登録メニュー


async def menu_waiting(desk: PortalDesk, page: Page) -> None:
    """The PIN window is open: its 確認番号 stands here too."""
    desk.peer.answers["sign"] = lambda _: None
    await choose(desk, page, "登録")
    await expect(page.locator("[data-confirmation] strong")).not_to_be_empty()


async def menu_wrong_pin(desk: PortalDesk, page: Page) -> None:
    tries = {**TRIES, "hint": "low", "count": 2}
    desk.peer.answers["sign"] = refusing(
        "pin_wrong",
        title="PIN番号が違います",
        detail="ICカードが受け付けませんでした。",
        help="もう一度ボタンを押して、正しいPIN番号を入力してください。",
        tries=tries,
    )
    await choose(desk, page, "登録")
    await expect(page.locator("#problem h2")).to_be_visible()


async def menu_choice(desk: PortalDesk, page: Page) -> None:
    other = desk.listed(desk.made.card, id="0" * 64, expiry="2030/03/31")
    desk.peer.answers["certificates"] = lambda _: {"certificates": [other, desk.listed(desk.made.card)]}
    await choose(desk, page, "登録")
    await expect(page.get_by_role("button", name=CERTIFICATE["holder"]).first).to_be_visible()


async def menu_known(desk: PortalDesk, page: Page) -> None:
    await desk.log_in(page)
    await page.goto(f"{desk.origin}/registration/menu")


# 資格審査情報検索


async def search_wrong(desk: PortalDesk, page: Page) -> None:
    """Two problems, one of them with an offer."""
    await desk.log_in(page)
    await page.get_by_label("業者番号").fill("０００００００１０１")
    await page.get_by_label("商号又は名称").fill("")
    await page.get_by_role("button", name="検索").click()
    await expect(page.locator("#summary")).to_be_focused()


async def search_other_name(desk: PortalDesk, page: Page) -> None:
    """The fields are well-formed, and the agency's data say otherwise."""
    await desk.log_in(page)
    await page.get_by_label("業者番号").fill(SEARCH["number"])
    await page.get_by_label("商号又は名称").fill("南西組株式会社")
    await page.get_by_role("button", name="検索").click()
    await expect(page.locator("#summary")).to_be_focused()


# 利用者登録 and 登録内容確認


async def form(desk: PortalDesk, page: Page) -> None:
    await desk.log_in(page)
    await desk.find(page)


async def form_wrong(desk: PortalDesk, page: Page) -> None:
    """Nothing typed but two mistakes that can be offered right."""
    await form(desk, page)
    await page.locator("#company_phone").fill("０８３－９３４－２７１０")
    await page.locator("#contact_mail").fill("hokuto-001@hitacijoho,co.jp")
    await page.locator("p.actions button[value=confirm]").click()
    await expect(page.locator("#summary")).to_be_focused()


async def form_ending(desk: PortalDesk, page: Page) -> None:
    """The visit is about to end while somebody types."""
    await form(desk, page)
    desk.made.wait(minutes=desk.made.portal.settings.limits.session_minutes - 1)
    await page.locator("#contact_name").focus()
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")  # back from sleep
    await expect(page.locator("#ends")).to_be_visible()


async def form_waiting(desk: PortalDesk, page: Page) -> None:
    """The card of another organisation and person: it would be a 仮登録."""
    other = pki.subject("無関係株式会社", holder="南西 花子")
    desk.made.card = desk.made.authority.issue(130, other)
    await form(desk, page)


async def form_remarks(desk: PortalDesk, page: Page) -> None:
    """The card of another organisation, and soon to expire."""
    soon = desk.made.time + timedelta(days=20)
    desk.made.card = desk.made.authority.issue(130, pki.subject("無関係株式会社"), until=soon)
    await form(desk, page)


async def confirm(desk: PortalDesk, page: Page) -> None:
    await desk.reach_confirmation(page)


async def confirm_waiting(desk: PortalDesk, page: Page) -> None:
    await desk.reach_confirmation(page)
    desk.peer.answers["sign"] = lambda _: None
    await page.get_by_role("button", name="登録").click()
    await expect(page.locator("#progress")).to_be_visible()


async def confirm_card_removed(desk: PortalDesk, page: Page) -> None:
    await desk.reach_confirmation(page)
    desk.peer.answers["sign"] = refusing(
        "card_removed",
        title="ICカードが抜かれました",
        detail="署名は行われていません。",
        help="ICカードを差し込んで、もう一度「登録」を押してください。",
    )
    await page.get_by_role("button", name="登録").click()
    await expect(page.locator("#problem h2")).to_be_visible()


async def complete(desk: PortalDesk, page: Page) -> None:
    await desk.reach_confirmation(page)
    await page.get_by_role("button", name="登録").click()
    await page.wait_for_url("**/registration/complete")


async def complete_provisional(desk: PortalDesk, page: Page) -> None:
    """The card of another organisation: 仮登録."""
    desk.made.card = desk.made.authority.issue(130, pki.subject("無関係株式会社"))
    await complete(desk, page)


async def already_registered(desk: PortalDesk, page: Page) -> None:
    await desk.made.register()
    await choose(desk, page, "登録")
    await page.wait_for_url("**/registration/search")


REGISTRATION: Final = (
    Screen("menu", "利用者登録メニュー", "menu.html", at("/registration/menu")),
    Screen("menu-waiting", "利用者登録メニュー", "menu.html", menu_waiting),
    Screen("menu-wrong-pin", "利用者登録メニュー", "menu.html", menu_wrong_pin),
    Screen("menu-choice", "利用者登録メニュー", "menu.html", menu_choice),
    Screen("menu-known", "利用者登録メニュー", "menu.html", menu_known),
    Screen("search", "資格審査情報検索", "search.html", PortalDesk.log_in),
    Screen("search-wrong", "入力内容を直してください：資格審査情報検索", "search.html", search_wrong),
    Screen("search-other-name", "入力内容を直してください：資格審査情報検索", "search.html", search_other_name),
    Screen("form", "利用者登録", "form.html", form),
    Screen("form-wrong", "入力内容を直してください：利用者登録", "form.html", form_wrong),
    Screen("form-ending", "【午前11時02分に、この接続が終わります】利用者登録", "form.html", form_ending),
    Screen("form-waiting", "利用者登録", "form.html", form_waiting),
    Screen("form-remarks", "利用者登録", "form.html", form_remarks),
    Screen("confirm", "登録内容確認", "confirm.html", confirm),
    Screen("confirm-waiting", "登録内容確認", "confirm.html", confirm_waiting),
    Screen("confirm-card-removed", "登録内容確認", "confirm.html", confirm_card_removed),
    Screen("complete", "登録完了", "complete.html", complete),
    Screen("complete-provisional", "登録完了", "complete.html", complete_provisional),
    Screen("already-registered", "登録済みのICカードです", "refused.html", already_registered),
)
