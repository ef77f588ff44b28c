"""Every screen of the portal in every state that a person can meet, each by the way that leads there.

The checks of how screens look, read and work (`test_portal_screens.py`, `tests/screenshots.py`) go through all of them.
`test_every_template_is_a_screen` keeps this list complete.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from playwright.async_api import FilePayload, Page, expect

from tests.browser import change_screens as changes
from tests.browser.peer import Problem
from tests.browser.portal_desk import TRIES, PortalDesk
from tests.browser.renewal_screens import RENEWAL_SCREENS
from tests.procedure.example import CERTIFICATE, SEARCH
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached, openssl_sign

Reach = Callable[[PortalDesk, Page], Awaitable[None]]


class Screen(NamedTuple):
    """`title` as a tab begins with it, `template` the page behind it; `reach` leads there in a fresh visit.

    `settings` are the portal's own for this screen.
    """

    name: str
    title: str
    template: str
    reach: Reach
    settings: Mapping[str, Any] = MappingProxyType({})


def at(path: str) -> Reach:
    """A screen that has an address of its own and needs nobody logged in."""

    async def reach(desk: PortalDesk, page: Page) -> None:
        await page.goto(f"{desk.origin}{path}")

    return reach


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


# 検証機能


async def verified(desk: PortalDesk, page: Page, file: bytes) -> None:
    await page.goto(f"{desk.origin}/verification")
    chosen: FilePayload = {"name": "内訳書.pdf.p7m", "mimeType": "application/pkcs7-mime", "buffer": file}
    await page.locator("#file").set_input_files(chosen)
    await page.get_by_role("button", name="検証する", exact=True).click()
    await expect(page.locator("#verdict, #summary")).to_be_focused()


async def verification_receipt(desk: PortalDesk, page: Page) -> None:
    asked = {"type": "registration", "action": "利用者登録（登録）", "aud": desk.origin, "nonce": "A" * 43}
    sections = [{"label": "企業情報", "value": [{"label": "企業名称", "value": CERTIFICATE["organization"]}]}]
    payload = {"contractor": SEARCH["number"], "sections": sections}
    statement = pki.statement(desk.made.card, {**asked, "payload": payload}, origin=desk.origin)
    await verified(desk, page, pki.sign(statement, desk.made.card))


async def verification_document(desk: PortalDesk, page: Page) -> None:
    await verified(desk, page, attached(DOCUMENT, desk.made.card))


async def verification_invalid(desk: PortalDesk, page: Page) -> None:
    await verified(desk, page, attached(DOCUMENT, desk.made.card)[:-1] + b"!")


async def verification_incomplete(desk: PortalDesk, page: Page) -> None:
    """A detached signature without its document."""
    await verified(desk, page, openssl_sign(DOCUMENT, desk.made.card))


# 利用者登録メニュー


async def menu_waiting(desk: PortalDesk, page: Page) -> None:
    """The PIN window is open: its 確認番号 stands here too."""
    desk.peer.answers["sign"] = lambda _: None
    await press_register(desk, page)
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
    await press_register(desk, page)
    await expect(page.locator("#problem h2")).to_be_visible()


async def menu_choice(desk: PortalDesk, page: Page) -> None:
    other = desk.listed(desk.made.card, id="0" * 64, expiry="2030/03/31")
    desk.peer.answers["certificates"] = lambda _: {"certificates": [other, desk.listed(desk.made.card)]}
    await press_register(desk, page)
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


async def sheet(desk: PortalDesk, page: Page) -> None:
    await complete(desk, page)
    await page.get_by_role("link", name="印刷", exact=True).click()
    await page.wait_for_url("**/registration/sheet?*")


def refusing(code: str, **facts: Any) -> Callable[[dict[str, Any]], Any]:
    """A bridge that answers with this problem."""

    def answer(_: dict[str, Any]) -> None:
        raise Problem(code, **facts)

    return answer


async def press_register(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}/registration/menu")
    await page.get_by_role("button", name="登録", exact=True).click()


SCREENS: Final = (
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
    Screen("verification", "検証機能", "verification.html", at("/verification")),
    Screen("verification-receipt", "有効な署名です：検証機能", "verification.html", verification_receipt),
    Screen("verification-document", "有効な署名です：検証機能", "verification.html", verification_document),
    Screen("verification-invalid", "署名は有効ではありません：検証機能", "verification.html", verification_invalid),
    Screen(
        "verification-incomplete", "ファイルを確かめてください：検証機能", "verification.html", verification_incomplete
    ),
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
    Screen("form-waiting", "利用者登録", "form.html", changes.form_waiting),
    Screen("confirm", "登録内容確認", "confirm.html", confirm),
    Screen("confirm-waiting", "登録内容確認", "confirm.html", confirm_waiting),
    Screen("confirm-card-removed", "登録内容確認", "confirm.html", confirm_card_removed),
    Screen("complete", "登録完了", "complete.html", complete),
    Screen("complete-provisional", "登録完了", "complete.html", complete_provisional),
    Screen("sheet", "利用者情報", "sheet.html", sheet),
    *(Screen(*each) for each in RENEWAL_SCREENS),
    Screen("change", "登録内容の変更", "change_form.html", changes.open_change),
    Screen("change-shared", "登録内容の変更", "change_form.html", changes.change_shared),
    Screen("change-nothing", "登録内容の変更", "change_form.html", changes.change_nothing),
    Screen("change-moved", "登録内容の変更", "change_form.html", changes.change_moved),
    Screen("change-confirm", "変更内容確認", "change_confirm.html", changes.change_confirm),
    Screen("change-complete", "変更完了", "change_complete.html", changes.change_complete),
    Screen("inquiry", "照会・再印刷", "inquiry.html", changes.inquiry),
    Screen("already-registered", "登録済みのICカードです", "refused.html", changes.already_registered),
    Screen("ended", "終了", "ended.html", at("/ended")),
    Screen("closed", "ただいまは利用時間外です", "refused.html", closed),
    Screen("refused", "ページが見つかりません", "refused.html", at("/nowhere")),
)
