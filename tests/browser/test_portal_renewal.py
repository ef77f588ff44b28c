"""ICカード更新 in real Chromium: one PIN for each card, readers watched by the page, and what it says of each card."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from portal.renewal.acceptance import Done
from portal.renewal.settings import ExpiredCard, RenewalSettings
from portal.store import Session
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import Problem
from tests.browser.portal_desk import portal_desk
from tests.browser.renewal_desk import FIRST, SECOND, UNREADABLE, RenewalDesk, renewal_desk
from tests.unit import portal_pki as pki

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[RenewalDesk]:
    settings = RenewalSettings(expired_old_card=ExpiredCard.ACCEPT)
    async with portal_desk(desk, tmp_path, renewal=settings) as opened:
        yield await renewal_desk(opened)


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: RenewalDesk, visitor: Visitor) -> Page:
    """A page at the entrance, whose browser has met this bridge before."""
    visitor.expect("ERR_CONNECTION_REFUSED")  # a busy computer's bridge answers late: the client asks its other ports
    opened = await visitor.open(f"{at.at.origin}/")
    opened.set_default_timeout(60_000)  # as above
    await opened.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.at.peer.port))
    return opened


async def press_renew(page: Page) -> None:
    await page.get_by_role("button", name="更新", exact=True).click()


def other_holder(at: RenewalDesk) -> pki.Card:
    return at.at.made.authority.issue(140, pki.subject(holder="南西 花子"))


async def test_one_pin_and_one_insertion_for_each_card(at: RenewalDesk, page: Page) -> None:
    await at.begin(page)
    await at.hand_over(page)
    assert at.at.peer.methods[-4:].count("pin/close") == 1  # the old card signs nothing more
    await at.told(page, "旧ICカードのままです")
    await at.go_to_confirmation(page)
    await press_renew(page)
    await page.wait_for_url("**/renewal/complete")
    await expect(page.locator("#company-id")).to_have_text("9991000000000001")

    login, handover, acceptance = at.at.signed()
    assert [each["statement"]["type"] for each in (login, handover, acceptance)] == ["login", "handover", "acceptance"]
    assert "pinSession" not in login
    assert handover["pinSession"] == f"pin-session-{at.old.sha256[:8]}"
    assert "pinSession" not in acceptance
    assert [each["certificate"] for each in (login, handover, acceptance)] == [
        *(at.old.sha256, at.old.sha256),
        at.new.sha256,
    ]
    await page.get_by_role("button", name="終了").click()
    await page.wait_for_url("**/ended")
    assert await page.evaluate("sessionStorage.length") == 0


async def test_the_page_says_which_card_is_in_the_reader_and_opens_only_for_the_new_one(
    at: RenewalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("409")
    await at.begin(page)
    await at.hand_over(page)
    go = page.get_by_role("button", name="次へ")
    for content, title in (
        (at.old, "旧ICカードのままです"),
        (None, "ICカードが入っていません"),
        (UNREADABLE, "ICカードを読み取れません"),
        (other_holder(at), "別の名義人のICカードです"),
        (at.at.made.authority.issue(141, pki.subject("無関係株式会社")), "別の企業のICカードです"),
    ):
        await at.put(content)
        await at.told(page, title)
        await expect(go).to_be_disabled()
        await expect(page.locator("#new-card")).to_be_hidden()
    await expect(page.locator("#seen [data-help]")).to_contain_text("もう一度「登録」")
    await expect(page.locator("#seen [data-inquiry] strong")).not_to_be_empty()
    await at.put(at.new)
    await at.told(page, "新しいICカードを確認しました")
    await expect(page.locator("#new-card [data-serial]")).to_have_text("122")
    await expect(page.locator("#new-card [data-expiry]")).to_have_text("2034/11/20")
    await expect(page.locator("#seen [data-inquiry]")).to_be_hidden()
    await expect(go).to_be_focused()
    await at.put(None)
    await at.told(page, "ICカードが入っていません")
    await expect(go).to_be_disabled()


async def test_a_reader_unplugged_and_a_bridge_started_again(at: RenewalDesk, page: Page) -> None:
    await at.begin(page)
    await at.hand_over(page)
    at.readers.clear()
    await at.at.peer.emit("readerRemoved", reader=FIRST)
    await at.told(page, "ICカードリーダーがつながっていません")
    at.readers[FIRST] = at.new
    await at.at.peer.drop()  # its end alone makes the page look again
    await at.told(page, "新しいICカードを確認しました")


async def test_with_two_readers_the_handover_names_the_new_card_and_the_page_goes_on(
    at: RenewalDesk, page: Page
) -> None:
    await at.begin(page)
    at.readers[SECOND] = at.new
    await at.hand_over(page)
    sections = at.at.signed()[-1]["statement"]["payload"]["sections"]
    assert {"label": "証明書シリアル番号", "value": "122"} in sections[1]["value"]
    await at.told(page, "新しいICカードを確認しました")
    await page.get_by_role("button", name="次へ").click()
    await page.wait_for_url("**/renewal/confirm")
    await press_renew(page)
    await page.wait_for_url("**/renewal/complete")


async def test_a_colleagues_card_beside_does_not_keep_the_new_one_out(
    at: RenewalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("409")
    await at.begin(page)
    at.readers[SECOND] = other_holder(at)
    await at.go_to_handover(page)
    await expect(page.get_by_text("もう一つのリーダーのICカードは引継ぎ先にできません")).to_be_visible()
    await page.get_by_role("button", name="引継ぎに署名").click()
    await page.wait_for_url("**/renewal/exchange")
    await at.told(page, "別の名義人のICカードです")
    await at.put(at.new)
    await at.told(page, "新しいICカードを確認しました")


async def test_a_wrong_pin_of_the_new_card_keeps_the_page_and_the_next_press_goes(at: RenewalDesk, page: Page) -> None:
    await at.begin(page)
    await at.hand_over(page)
    await at.go_to_confirmation(page)
    right = at.at.peer.answers["sign"]

    def refuse(_: dict[str, Any]) -> None:
        raise Problem("pin_wrong", title="PIN番号が違います", detail="何が", help="次に")

    at.at.peer.answers["sign"] = refuse
    await press_renew(page)
    await expect(page.locator("#problem h2")).to_have_text("PIN番号が違います")
    at.at.peer.answers["sign"] = right
    await press_renew(page)
    await page.wait_for_url("**/renewal/complete")


async def test_a_lost_answer_is_asked_for_again_without_another_signature(
    at: RenewalDesk, page: Page, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.expect("ERR_")
    await at.begin(page)
    await at.hand_over(page)
    await at.go_to_confirmation(page)
    acceptances, asked = at.at.made.portal.renewals.acceptances, []
    finish = acceptances.finish

    async def lose_the_first(session: Session, cms: bytes) -> Done:
        asked.append(cms)
        done = await finish(session, cms)
        if len(asked) == 1:
            raise asyncio.CancelledError  # the connection ends without an answer, after the renewal
        return done

    monkeypatch.setattr(acceptances, "finish", lose_the_first)
    await press_renew(page)
    await page.wait_for_url("**/renewal/complete")
    await expect(page.get_by_role("heading", level=1)).to_have_text("ICカードの更新が完了いたしました")
    assert len(asked) == 2
    assert asked[0] == asked[1]
    assert len(at.at.signed()) == 3


async def test_who_went_away_comes_back_with_the_old_card_and_goes_on(at: RenewalDesk, page: Page) -> None:
    await at.begin(page)
    await at.hand_over(page)
    at.at.made.wait(minutes=1)
    await at.begin(page)
    await page.get_by_role("link", name="ICカードの差し替えへ進む").click()
    await at.go_to_confirmation(page)
    await press_renew(page)
    await page.wait_for_url("**/renewal/complete")


async def test_an_expired_card_takes_its_own_way_without_a_login(at: RenewalDesk, page: Page) -> None:
    at.at.made.trust.past_crl(_list_of(at, at.old))
    at.expired = frozenset({at.old.sha256})
    at.at.made.time = at.old.certificate.not_valid_after_utc.replace(hour=20)
    at.at.made.trust.crl(_list_of(at, at.new))
    await page.goto(f"{at.at.origin}/registration/menu")
    await page.get_by_role("button", name="ICカード更新").click()
    await page.wait_for_url("**/renewal/expired")
    await at.hand_over(page)
    await at.go_to_confirmation(page)
    await press_renew(page)
    await page.wait_for_url("**/renewal/complete")
    assert [each["statement"]["type"] for each in at.at.signed()] == ["handover", "acceptance"]


def _list_of(at: RenewalDesk, card: pki.Card) -> bytes:
    """The revocation list that is current when the old card expires: of just before, or of just after it."""
    expiry = at.old.certificate.not_valid_after_utc
    since = expiry.replace(hour=1) if card is at.old else expiry.replace(hour=16)
    return at.at.made.authority.crl(since=since, until=expiry.replace(year=expiry.year + 1))
