"""The portal's pages and scripts in real Chromium: the real portal behind them, a bridge that we direct beside them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from portal.store import Registration, Session
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import Problem
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.unit.portal_world import FORM

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    """A page at the entrance, whose browser has met this bridge before."""
    visitor.expect("ERR_CONNECTION_REFUSED")  # a busy computer's bridge answers late: the client asks its other ports
    opened = await visitor.open(f"{at.origin}/")
    opened.set_default_timeout(60_000)  # as above
    await opened.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
    return opened


def refuse(code: str, **facts: Any) -> Any:
    def answer(_: dict[str, Any]) -> None:
        raise Problem(code, **facts)

    return answer


async def press_register(page: Page) -> None:
    await page.get_by_role("button", name="登録").click()


async def test_the_road_with_one_pin_and_one_window_for_each_signature(at: PortalDesk, page: Page) -> None:
    await page.goto(f"{at.origin}/registration")
    await page.get_by_role("button", name="利用者登録処理").click()
    await page.wait_for_url("**/registration/menu")
    await at.reach_confirmation(page)
    await press_register(page)
    await page.wait_for_url("**/registration/complete")
    await expect(page.locator("#company-id")).to_have_text("9991000000000001")

    login, registration = at.signed()
    assert (login["statement"]["type"], registration["statement"]["type"]) == ("login", "registration")
    assert "pinSession" not in login
    assert registration["pinSession"] == "pin-session-1"
    assert login["certificate"] == registration["certificate"] == at.made.card.sha256

    await page.get_by_role("button", name="終了").click()
    await page.wait_for_url("**/ended")
    assert at.peer.methods[-1] == "pin/close"
    assert await page.evaluate("sessionStorage.length") == 0


async def test_the_page_shows_the_number_that_the_window_shows_and_stops_when_asked(at: PortalDesk, page: Page) -> None:
    at.peer.answers["sign"] = lambda _: None
    await page.goto(f"{at.origin}/registration/menu")
    await press_register(page)
    await expect(page.locator("[data-confirmation] strong")).to_have_text(re.compile(r"\d{4} \d{4}"))
    await page.get_by_role("button", name="中止").click()
    await expect(page.locator("#problem h2")).to_have_text("中止しました")
    await expect(page.get_by_role("button", name="登録")).to_be_enabled()
    await at.peer.heard_method("cancel")


async def test_the_confirmation_shows_its_number_before_the_window_and_a_reload_keeps_it(
    at: PortalDesk, page: Page
) -> None:
    await at.reach_confirmation(page)
    number, renewed = page.locator("#confirmation strong"), page.locator("#confirmation [data-renewed]")
    shown = await number.inner_text()
    await page.reload()
    await expect(number).to_have_text(shown)
    at.peer.answers["sign"] = lambda _: None
    await press_register(page)
    await at.peer.heard_method("sign", times=2)
    assert at.number(at.signed()[-1]) == shown
    await page.get_by_role("button", name="中止").click()
    await expect(renewed).to_be_hidden()
    at.made.wait(minutes=16)
    await press_register(page)
    await expect(renewed).to_be_visible()
    await at.peer.heard_method("sign", times=3)
    assert at.number(at.signed()[-1]) == await number.inner_text() != shown


async def test_a_wrong_pin_tells_the_tries_left_and_the_next_press_goes(at: PortalDesk, page: Page) -> None:
    tries = {"hint": "low", "count": 2, "max": 3, "source": "card"}
    right, at.peer.answers["sign"] = at.peer.answers["sign"], refuse("pin_wrong", detail="違います。", tries=tries)
    await page.goto(f"{at.origin}/registration/menu")
    await press_register(page)
    await expect(page.locator("#problem")).to_be_focused()
    await expect(page.locator("#problem [data-tries]")).to_have_text("PIN番号を入力できる残りの回数：2回")
    at.peer.answers["sign"] = right
    await press_register(page)
    await page.wait_for_url("**/registration/search")


@pytest.mark.parametrize("code", ["pin_cancelled", "card_removed", "no_reader"])
async def test_what_goes_wrong_at_the_card_keeps_the_page_and_what_was_typed(
    at: PortalDesk, page: Page, code: str
) -> None:
    await at.reach_confirmation(page)
    right, at.peer.answers["sign"] = at.peer.answers["sign"], refuse(code, title="題", detail="何が", help="次に")
    await press_register(page)
    for part, text in {"h2": "題", "[data-detail]": "何が", "[data-help]": "次に"}.items():
        await expect(page.locator(f"#problem {part}")).to_have_text(text)
    at.peer.answers["sign"] = right
    await press_register(page)
    await page.wait_for_url("**/registration/complete")


async def test_an_ended_pin_session_asks_for_the_pin_once_more(at: PortalDesk, page: Page) -> None:
    await at.reach_confirmation(page)

    def sign(params: dict[str, Any]) -> dict[str, Any]:
        if "pinSession" in params:
            raise Problem("pin_session_ended")
        return at.sign(params)

    at.peer.answers["sign"] = sign
    await press_register(page)
    await page.wait_for_url("**/registration/complete")
    assert ["pinSession" in params for params in at.signed()] == [False, True, False]


async def test_an_expired_nonce_says_press_again_and_that_works(at: PortalDesk, page: Page, visitor: Visitor) -> None:
    visitor.expect("409")
    await at.reach_confirmation(page)

    def slowly(params: dict[str, Any]) -> dict[str, Any]:
        at.made.wait(minutes=16)
        return at.sign(params)

    at.peer.answers["sign"] = slowly
    await press_register(page)
    await expect(page.locator("#problem h2")).to_have_text("署名の時間が過ぎました")
    await expect(page.locator("#problem [data-inquiry] strong")).not_to_be_empty()
    at.peer.answers["sign"] = at.sign
    await press_register(page)
    await page.wait_for_url("**/registration/complete")


async def test_a_lost_answer_is_asked_for_again_without_another_signature(
    at: PortalDesk, page: Page, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.expect("ERR_")
    await at.reach_confirmation(page)
    finish, asked = at.made.portal.registrar.finish, []

    async def lose_the_first(session: Session, cms: bytes) -> Registration:
        asked.append(cms)
        done = await finish(session, cms)
        if len(asked) == 1:
            raise asyncio.CancelledError  # the connection ends without an answer, after the registration
        return done

    monkeypatch.setattr(at.made.portal.registrar, "finish", lose_the_first)
    await press_register(page)
    await page.wait_for_url("**/registration/complete")
    assert len(asked) == 2
    assert asked[0] == asked[1]
    assert len(at.signed()) == 2
    assert await at.made.count("registrations") == 1


async def test_several_certificates_are_a_choice(at: PortalDesk, page: Page) -> None:
    other = {"id": "0" * 64, "holder": {"name": "北東 花子"}}
    at.peer.answers["certificates"] = lambda _: {
        "certificates": [at.listed(at.made.card, **other), at.listed(at.made.card)]
    }
    await page.goto(f"{at.origin}/registration/menu")
    await press_register(page)
    await page.get_by_role("button", name="北東 次郎").click()
    await page.wait_for_url("**/registration/search")
    assert at.signed()[0]["certificate"] == at.made.card.sha256


async def test_the_form_is_kept_while_it_is_being_typed(at: PortalDesk, page: Page) -> None:
    await at.log_in(page)
    await at.find(page)
    async with page.expect_response("**/api/registration/keep") as kept:
        await page.locator("#contact_name").fill("営業部")
        await page.get_by_role("button", name="同じ内容").click()
    assert (await kept.value).status == 204
    await page.reload()
    await expect(page.locator("#card_name")).to_have_value("営業部")


async def test_the_search_is_kept_while_it_is_being_typed_without_its_password(at: PortalDesk, page: Page) -> None:
    await at.log_in(page)
    async with page.expect_request("**/api/search/keep") as kept:
        await page.locator("#password").fill("geheim-111111")
        await page.locator("#name").fill("北東組")
    sent = (await kept.value).post_data or ""
    assert "name=" in sent
    assert "password" not in sent
    await (await kept.value).response()
    await page.get_by_role("link", name="戻る").click()
    await page.wait_for_url("**/registration/menu")
    await page.go_back()
    await expect(page.locator("#name")).to_have_value("北東組")
    await expect(page.locator("#password")).to_have_value("")


async def test_a_corrected_name_is_taken_by_its_button_and_found(at: PortalDesk, page: Page, visitor: Visitor) -> None:
    visitor.expect("422")
    await at.log_in(page)
    await page.get_by_label("業者番号").fill("000000101")
    await page.get_by_label("商号又は名称").fill("北東組（株）")
    await page.get_by_role("button", name="検索").click()
    await expect(page.locator("#summary")).to_be_focused()
    await page.get_by_role("button", name="この内容にする").click()
    await expect(page.locator("#name")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/registration/form")


async def test_leaving_the_form_keeps_it_too(at: PortalDesk, page: Page) -> None:
    await at.log_in(page)
    await at.find(page)
    await page.locator("#contact_name").fill("営業部")
    await page.go_back()
    for _ in range(400):  # sent while the page goes away, so nobody there can tell when it has arrived
        if "営業部" in str(await at.made.store.read(lambda db: db.execute("SELECT form FROM drafts").fetchall())):
            break
        await asyncio.sleep(0.05)
    await page.goto(f"{at.origin}/registration/form")
    await expect(page.locator("#contact_name")).to_have_value("営業部")


async def test_a_company_without_departments_enters_its_name_by_one_button(at: PortalDesk, page: Page) -> None:
    await at.log_in(page)
    await at.find(page)
    field, offer = page.locator("#company_department"), page.get_by_role("button", name="「北東組株式会社」を入れる")
    await field.fill("営業部")
    await expect(offer).to_be_hidden()
    await field.fill(" ")
    await offer.click()
    await expect(field).to_have_value("北東組株式会社")
    await expect(field).to_be_focused()
    await expect(offer).to_be_hidden()


async def test_an_offered_value_is_taken_by_its_button_and_enter_goes_on(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("422")
    await at.log_in(page)
    await at.find(page)
    for name, value in FORM.items():
        await page.locator(f"#{name}").fill(value)
    await page.locator("#company_phone").fill("０８３－９３４－２７１０")
    await page.locator("#company_phone").press("Enter")
    await expect(page.locator("#summary")).to_be_focused()
    await page.get_by_role("button", name="この内容にする").click()
    await expect(page.locator("#company_phone")).to_have_value("083-934-2710")
    await expect(page.locator("#company_phone")).to_be_focused()
    await page.locator("#company_phone").press("Enter")
    await page.wait_for_url("**/registration/confirm")
