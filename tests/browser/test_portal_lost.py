"""Nothing typed is lost: card pulled, PIN cancelled, tab closed, back and forward, 終了 too late. In real Chromium.

The bridge's refusals are told in its own words, as people read them.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import Problem
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.unit.portal_world import FORM, SEARCH

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late

TEXTS = tomllib.loads((Path(__file__).parents[2] / "bridge" / "texts.toml").read_text(encoding="utf-8"))
AT_THE_CARD = ("card_removed", "pin_cancelled", "no_card")


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    """A page at the entrance, whose browser has met this bridge before."""
    visitor.expect("ERR_CONNECTION_REFUSED")  # as in test_portal_pages.py
    opened = await visitor.open(f"{at.origin}/")
    opened.set_default_timeout(60_000)
    await opened.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
    return opened


def refuse(at: PortalDesk, code: str, method: str = "sign") -> None:
    """From now on the bridge answers with this problem, in its own words."""

    def answer(_: dict[str, Any]) -> None:
        raise Problem(code, **TEXTS[code]["ja"])

    at.peer.answers[method] = answer


async def tells(page: Page, code: str) -> None:
    """The page says what happened and what to do next; the focus is there."""
    words = TEXTS[code]["ja"]
    await expect(page.locator("#problem")).to_be_focused()
    for part, text in {"h2": "title", "[data-detail]": "detail", "[data-help]": "help"}.items():
        await expect(page.locator(f"#problem {part}")).to_have_text(words[text])


async def drafted(at: PortalDesk, column: str, text: str) -> None:
    """The server has what was typed. It is sent while a page goes away, so nobody there can tell when it arrives."""
    query = f"SELECT {column} FROM drafts"  # noqa: S608 - a column's name
    for _ in range(400):
        if text in str(await at.made.store.read(lambda db: db.execute(query).fetchall())):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not kept: {text}")


async def form_holds(page: Page, **typed: str) -> None:
    for name, value in {**FORM, **typed}.items():
        await expect(page.locator(f"#{name}")).to_have_value(value)


# At the card


@pytest.mark.parametrize("code", AT_THE_CARD)
async def test_at_the_menu_the_sentence_is_shown_and_the_next_press_goes(at: PortalDesk, page: Page, code: str) -> None:
    right = at.peer.answers["sign"]
    await page.goto(f"{at.origin}/registration/menu")
    refuse(at, code)
    await page.get_by_role("button", name="登録", exact=True).click()
    await tells(page, code)
    at.peer.answers["sign"] = right
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/search")
    await expect(page.get_by_label("業者番号")).to_be_visible()


@pytest.mark.parametrize("code", AT_THE_CARD)
async def test_at_the_confirmation_the_form_behind_it_is_as_it_was_typed(at: PortalDesk, page: Page, code: str) -> None:
    await at.reach_confirmation(page)
    right = at.peer.answers["sign"]
    refuse(at, code)
    await page.get_by_role("button", name="登録", exact=True).click()
    await tells(page, code)
    await page.get_by_role("link", name="戻る").click()
    await page.wait_for_url("**/registration/form")
    await form_holds(page)
    await page.locator("p.actions button[value=confirm]").click()
    at.peer.answers["sign"] = right
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/complete")


async def test_a_card_pulled_while_somebody_types_costs_nothing(at: PortalDesk, page: Page) -> None:
    """Search and form need no card; the PIN session is over, and the window asks once more at the signature."""
    await at.log_in(page)
    await page.get_by_label("業者番号").fill(SEARCH["number"])
    await at.peer.emit("pinSessionEnded", pinSession="pin-session-1", reason="card_removed")
    await at.peer.emit("cardRemoved", reader="練習用リーダー")
    await page.get_by_label("商号又は名称").fill(SEARCH["name"])
    await page.get_by_role("button", name="検索").click()
    await page.wait_for_url("**/registration/form")
    await at.fill(page)
    right = at.peer.answers["sign"]

    def sign(params: dict[str, Any]) -> Any:
        if "pinSession" in params:
            raise Problem("pin_session_ended", **TEXTS["pin_session_ended"]["ja"])
        return right(params)

    at.peer.answers["sign"] = sign
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/complete")
    assert ["pinSession" in each for each in at.signed()] == [False, True, False]
    assert (await at.made.store.registrations())[0].form == FORM


# The tab


@pytest.mark.parametrize(
    ("screen", "field", "column"), [("search", "name", "search"), ("form", "contact_name", "form")]
)
async def test_a_closed_tab_keeps_what_was_just_typed(
    at: PortalDesk, page: Page, visitor: Visitor, screen: str, field: str, column: str
) -> None:
    await at.log_in(page)
    if screen == "form":
        await at.find(page)
    await page.locator(f"#{field}").fill("とじるまえ")
    area = page.context
    await page.close(run_before_unload=True)  # as a person does it; at once, before the page would keep it by itself
    await drafted(at, column, "とじるまえ")
    again = await visitor.open_in(area, f"{at.origin}/registration/{screen}")
    await expect(again.locator(f"#{field}")).to_have_value("とじるまえ")


async def test_a_tab_closed_before_an_open_window_registers_nothing_and_loses_nothing(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    await at.reach_confirmation(page)
    right, at.peer.answers["sign"] = at.peer.answers["sign"], lambda _: None
    await page.get_by_role("button", name="登録", exact=True).click()
    await at.peer.heard_method("sign", times=2)
    area = page.context
    await page.close()
    at.peer.answers["sign"] = right
    assert await at.made.count("registrations") == 0
    again = await visitor.open_in(area, f"{at.origin}/registration/form")
    await form_holds(again)
    await again.goto(f"{at.origin}/registration/confirm")
    await again.get_by_role("button", name="登録", exact=True).click()
    await again.wait_for_url("**/registration/complete")


# Back and forward


async def test_back_from_the_search_and_forward_again(at: PortalDesk, page: Page) -> None:
    await at.log_in(page)
    await page.get_by_label("商号又は名称").fill("とちゅう")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("利用者登録メニュー")
    await drafted(at, "search", "とちゅう")
    await page.go_forward()
    await expect(page.get_by_label("商号又は名称")).to_have_value("とちゅう")


async def test_back_from_the_form_and_forward_again(at: PortalDesk, page: Page) -> None:
    await at.log_in(page)
    await at.find(page)
    await page.locator("#contact_name").fill("とちゅう")
    await page.go_back()
    await expect(page.get_by_label("業者番号")).to_have_value(SEARCH["number"])
    await drafted(at, "form", "とちゅう")
    await page.go_forward()
    await expect(page.locator("#contact_name")).to_have_value("とちゅう")


async def test_back_from_the_confirmation_a_correction_is_what_is_shown_and_signed(at: PortalDesk, page: Page) -> None:
    await at.reach_confirmation(page)
    number = await page.locator("#confirmation strong").inner_text()
    await page.go_back()
    await form_holds(page)
    await page.locator("#company_department").fill("総務部")
    await page.go_forward()  # without 入力内容確認
    await drafted(at, "form", "総務部")
    await page.reload()
    await expect(page.get_by_text("総務部", exact=True)).to_be_visible()
    await expect(page.locator("#confirmation strong")).not_to_have_text(number)
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/complete")
    assert (await at.made.store.registrations())[0].form["company_department"] == "総務部"


async def test_back_from_the_completion_leads_to_what_is_registered(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("409")
    await at.reach_confirmation(page)
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/complete")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("登録済みのICカードです")
    await page.get_by_role("link", name="登録済みの内容を見る").click()
    await expect(page.locator("#company-id")).to_have_text("9991000000000001")
    assert await at.made.count("registrations") == 1


# Another tab's login, and 終了 too late


async def test_a_form_whose_tab_another_login_made_stale_is_kept(at: PortalDesk, page: Page, visitor: Visitor) -> None:
    visitor.expect("403")
    await at.log_in(page)
    await at.find(page)
    other = await visitor.open_in(page.context, f"{at.origin}/registration/menu")
    await other.get_by_role("button", name="登録", exact=True).click()
    await other.wait_for_url("**/registration/search")
    await page.locator("#contact_name").fill("さきのタブ")
    await page.locator("p.actions button[value=confirm]").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("ICカードの確認がやり直されています")
    await expect(page.get_by_text("入力した内容は保存しました。")).to_be_visible()
    await other.goto(f"{at.origin}/registration/form")
    await expect(other.locator("#contact_name")).to_have_value("さきのタブ")


async def test_the_end_button_after_the_end_shows_the_end_and_ends_the_pin_session(at: PortalDesk, page: Page) -> None:
    await at.reach_confirmation(page)
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/complete")
    at.made.wait(minutes=61)
    await page.get_by_role("button", name="終了").click()
    await page.wait_for_url("**/ended")
    await expect(page.get_by_role("heading", level=1)).to_have_text("終了しました")
    await at.peer.heard_method("pin/close")
    assert await page.evaluate("sessionStorage.length") == 0
    assert await at.made.count("sessions") == 0
