"""マイナンバーカード on the portal's pages: its signature certificate is read by the PIN before anything is signed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.harness import Desk, Visitor
from tests.browser.peer import Problem
from tests.browser.portal_desk import TRIES, PortalDesk, portal_desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

CARD: Final = "c" * 64
LOCKED: Final = {"card": CARD, "profile": "jpki-sign", "locked": True}


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    """A page whose browser has met this bridge before."""
    visitor.expect("ERR_CONNECTION_REFUSED")  # a busy computer's bridge answers late: the client asks its other ports
    opened = await visitor.open(f"{at.origin}/")
    opened.set_default_timeout(60_000)  # as above
    await opened.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
    return opened


@pytest.fixture
def locked(at: PortalDesk) -> PortalDesk:
    """The desk with such a card. The bridge knows its certificate from its PIN on, until it forgets."""
    at.peer.answers |= {
        "certificates": lambda _: {"certificates": [LOCKED]},
        "pin/open": lambda _: {
            "pinSession": "reading",
            "expiresAt": "2026-11-24T01:12:03Z",
            "tries": TRIES,
            "certificate": at.listed(at.made.card),
        },
    }
    return at


def calls(at: PortalDesk, method: str) -> list[dict[str, Any]]:
    return [message["params"] for message in at.peer.heard if message.get("method") == method]


def refuse(locked: PortalDesk, method: str, code: str) -> None:
    def refused(_: dict[str, Any]) -> Any:
        raise Problem(code, title="題", detail="何が", help="次に")

    locked.peer.answers[method] = refused


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()


async def test_the_whole_registration_with_a_card_that_hides_its_certificate(locked: PortalDesk, page: Page) -> None:
    await locked.reach_confirmation(page)
    await press(page, "登録")
    await page.wait_for_url("**/registration/complete")
    assert calls(locked, "pin/open") == [{"card": CARD, "action": "署名用電子証明書の読み取り"}]
    login, registration = locked.signed()
    assert (login["pinSession"], registration["pinSession"]) == ("reading", "pin-session-1")
    assert {login["certificate"], registration["certificate"]} == {locked.made.card.sha256}
    await press(page, "終了")
    await page.wait_for_url("**/ended")
    assert await page.evaluate("sessionStorage.length") == 0


async def test_what_the_bridge_forgot_meanwhile_is_read_again_and_signed(locked: PortalDesk, page: Page) -> None:
    await locked.reach_confirmation(page)
    sign, refusals = locked.peer.answers["sign"], ["pin_session_ended", "no_certificate"]

    def forgetful(params: dict[str, Any]) -> Any:
        if refusals:
            raise Problem(refusals.pop(0), title="題", detail="何が", help="次に")
        return sign(params)

    locked.peer.answers["sign"] = forgetful
    await press(page, "登録")
    await page.wait_for_url("**/registration/complete")
    assert len(calls(locked, "pin/open")) == 2
    assert locked.signed()[-1]["pinSession"] == "reading"


async def test_another_card_is_not_asked_for_its_pin_in_place_of_the_one_that_logged_in(
    locked: PortalDesk, page: Page
) -> None:
    await locked.reach_confirmation(page)
    refuse(locked, "sign", "no_certificate")
    locked.peer.answers["certificates"] = lambda _: {"certificates": [{**LOCKED, "card": "d" * 64}]}
    await press(page, "登録")
    await expect(page.locator("#problem h2")).to_have_text("題")
    assert len(calls(locked, "pin/open")) == 1


async def test_a_cancelled_pin_signs_nothing_and_the_next_press_goes(locked: PortalDesk, page: Page) -> None:
    opens = locked.peer.answers["pin/open"]
    refuse(locked, "pin/open", "pin_cancelled")
    await page.goto(f"{locked.origin}/registration/menu")
    await press(page, "登録")
    await expect(page.locator("#problem h2")).to_have_text("題")
    assert locked.signed() == []
    locked.peer.answers["pin/open"] = opens
    await press(page, "登録")
    await page.wait_for_url("**/registration/search")


async def test_beside_another_certificate_it_is_one_of_the_choices(locked: PortalDesk, page: Page) -> None:
    other = locked.listed(locked.made.card, id="0" * 64, holder={"name": "北東 花子"})
    locked.peer.answers["certificates"] = lambda _: {"certificates": [other, LOCKED]}
    await page.goto(f"{locked.origin}/registration/menu")
    await press(page, "登録")
    await press(page, "証明書を暗証番号で守っているICカード")
    await page.wait_for_url("**/registration/search")
    assert locked.signed()[0]["certificate"] == locked.made.card.sha256
