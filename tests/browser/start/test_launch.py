"""カードブリッジを起動する: the button that a page offers where it finds no bridge, and what follows its press."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, expect

from tests.browser import accessibility
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import Peer, serving
from tests.browser.portal_desk import PortalDesk, free_bridge_port, free_port, portal_beside
from tests.browser.start.checks import marked, person, ready, says, start, unreloaded
from tests.browser.start.test_bridge import NOT_RUNNING
from tests.browser.test_portal_screens import SIZES, needs_axe

pytestmark = ring

NAME = "カードブリッジを起動する"
LATER = "() => { const now = performance.now.bind(performance); performance.now = () => now() + 20_000; }"
STARTING = "起動を待っています（ブラウザがたずねたら、開いてください）"


@pytest_asyncio.fixture(loop_scope="session")
async def alone(desk: Desk, tmp_path: Path, visitor: Visitor) -> AsyncIterator[tuple[PortalDesk, Page]]:
    """A page of a portal on a computer where no bridge runs yet."""
    visitor.expect("ERR_")
    peer, port = Peer(), free_port()
    peer.port = free_bridge_port()
    async with portal_beside(desk, tmp_path, peer, f"https://localhost:{port}", port) as at:
        yield at, await person(at, visitor)


async def press(page: Page) -> None:
    """By keyboard; what Chromium then follows is the link alone, in a frame."""
    button = page.get_by_role("button", name=NAME)
    await expect(button).to_be_visible(timeout=60_000)
    await button.focus()
    async with page.expect_request(_is_link) as link:
        await page.keyboard.press("Enter")
    followed = await link.value
    assert (followed.url, followed.frame.parent_frame) == ("card-bridge:", page.main_frame)


def _is_link(request: Request) -> bool:
    return not request.url.startswith("https:")


async def test_the_checks_offer_it_and_go_on_by_themselves(desk: Desk, alone: tuple[PortalDesk, Page]) -> None:
    at, page = alone
    await start(at, page)
    await says(page, "bridge", "bad", *NOT_RUNNING)
    await marked(page)
    await press(page)
    await says(page, "bridge", "waiting", STARTING)
    async with serving(at.peer, desk.bridge_tls(), at.peer.port):
        await says(page, "bridge", "good", "つながりました")
        await ready(page)
        await expect(page.get_by_role("button", name=NAME)).to_be_hidden()
        await expect(page.get_by_role("button", name="利用者登録処理")).to_be_focused()
        await unreloaded(page)


async def test_a_bridge_that_does_not_start_is_told_and_offered_again(alone: tuple[PortalDesk, Page]) -> None:
    at, page = alone
    await start(at, page)
    await press(page)
    await says(page, "bridge", "waiting", STARTING)
    await page.evaluate(LATER)
    await says(page, "bridge", "bad", *NOT_RUNNING)
    await expect(page.get_by_role("button", name=NAME)).to_be_visible()


async def test_the_menu_offers_it_and_goes_on_with_what_was_pressed(desk: Desk, alone: tuple[PortalDesk, Page]) -> None:
    at, page = alone
    await page.goto(f"{at.origin}/registration/menu")
    await page.get_by_role("button", name="登録", exact=True).click()
    await expect(page.locator("#problem h2")).to_have_text("カードブリッジにつながりません", timeout=60_000)
    await press(page)
    async with serving(at.peer, desk.bridge_tls(), at.peer.port):
        await page.wait_for_url("**/registration/search")
    assert at.signed()[0]["statement"]["type"] == "login"


async def test_no_other_problem_offers_it(alone: tuple[PortalDesk, Page], desk: Desk) -> None:
    at, page = alone
    at.peer.answers["certificates"] = lambda _: {"certificates": []}
    async with serving(at.peer, desk.bridge_tls(), at.peer.port):
        await page.goto(f"{at.origin}/registration/menu")
        await page.get_by_role("button", name="登録", exact=True).click()
        await expect(page.locator("#problem h2")).to_have_text(re.compile("証明書がありません"), timeout=60_000)
        await expect(page.get_by_role("button", name=NAME)).to_be_hidden()


@needs_axe
@pytest.mark.parametrize("path", ["/registration", "/registration/menu"])
async def test_axe_finds_nothing_where_it_is_offered(alone: tuple[PortalDesk, Page], path: str) -> None:
    at, page = alone
    await page.goto(f"{at.origin}{path}")
    if path.endswith("menu"):
        await page.get_by_role("button", name="登録", exact=True).click()
    await expect(page.get_by_role("button", name=NAME)).to_be_visible(timeout=60_000)
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await accessibility.violations(page) == []
        assert await accessibility.overflow(page) == 0
