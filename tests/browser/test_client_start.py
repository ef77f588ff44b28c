"""`start()` of card-bridge.js: the link to the bridge, in real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, Request

from tests.browser import site
from tests.browser.client_page import REFUSED, run, unanswered
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import HELLO, running_peer

pytestmark = ring

BUTTON = """const button = document.createElement("button");
  button.onclick = () => { globalThis.asked = bridge.start(); };
  document.body.append(button);"""
WITHOUT_A_CLICK = """
import("/client/card-bridge.js").then(({ CardBridge }) => { globalThis.asked = new CardBridge().start(); });
"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(visitor: Visitor, desk: Desk) -> AsyncIterator[Page]:
    """A page that may hold a frame of our links and nothing else."""
    async with site.served(site.pages("card-bridge:"), desk.bridge_tls()) as port:
        yield await visitor.open(f"https://localhost:{port}/")


async def start(page: Page, *ports: int) -> Request:
    """A person's click (Chromium drops links that a script follows by itself); returns what the browser then loads."""
    await run(page, BUTTON, *ports)
    async with page.expect_request(lambda request: not request.url.startswith("https:")) as link:
        await page.get_by_role("button").click()
    return await link.value


async def test_the_link_is_the_scheme_alone_and_the_page_stays(page: Page) -> None:
    before = page.url
    await page.evaluate("globalThis.typed = '北東組'")
    link = await start(page)
    assert (link.url, link.is_navigation_request(), link.post_data) == ("card-bridge:", True, None)
    assert link.frame.parent_frame == page.main_frame
    assert await page.evaluate("[globalThis.asked, globalThis.typed]") == [True, "北東組"]
    assert page.url == before


async def test_without_a_click_nothing_is_asked(visitor: Visitor, page: Page) -> None:
    await page.add_init_script(WITHOUT_A_CLICK)
    await page.reload()
    # A function: an evaluated text counts as a click of the person's.
    answer = await page.wait_for_function("() => globalThis.asked !== undefined && [globalThis.asked]")
    assert await answer.json_value() == [False]
    assert await page.locator("iframe").count() == 0


async def test_connect_waits_for_the_bridge_that_was_started(page: Page, visitor: Visitor, desk: Desk) -> None:
    visitor.expect(REFUSED)
    with unanswered() as [port]:
        failed = (await run(page, "return bridge.connect()", port))["failed"]
        assert failed["code"] == "bridge_not_running"  # not started: told at once
        await start(page)
        async with page.expect_event("requestfailed", lambda request: request.url.startswith("https:")):
            await run(page, "globalThis.connected = bridge.connect();")  # nobody there at the first attempt
    async with running_peer(desk.bridge_tls(), port):
        assert await page.evaluate("globalThis.connected") == HELLO


async def test_waiting_for_the_bridge_can_be_stopped(page: Page, visitor: Visitor) -> None:
    visitor.expect(REFUSED)
    body = """const stop = new AbortController();
      const waiting = bridge.connect({ signal: stop.signal });
      setTimeout(() => stop.abort(), 700);
      return waiting;"""
    with unanswered() as closed:
        await start(page, *closed)
        assert (await run(page, body))["failed"]["code"] == "aborted"
