"""What a page can know of a bridge that it cannot reach, and what card-bridge.js tells it to say."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import site
from tests.browser.client_page import BLOCKED, REFUSED, run, unanswered
from tests.browser.harness import PLAIN, PORTAL, Desk, Visitor, ring
from tests.browser.peer import HELLO, Peer, running_peer

pytestmark = ring


@pytest_asyncio.fixture(loop_scope="session")
async def page(visitor: Visitor, local_page: Page) -> Page:
    visitor.watch(local_page)
    await local_page.reload()  # first: a test may have bent the page's globals
    await local_page.evaluate("localStorage.clear()")
    return local_page


# What a page can know of a bridge that it cannot reach


@pytest.mark.parametrize(("language", "words"), [("ja", "起動して"), ("en", "Start Card Bridge")])
async def test_nothing_there(page: Page, visitor: Visitor, language: str, words: str) -> None:
    visitor.expect(REFUSED)
    with unanswered(16) as closed:
        failed = (await run(page, "return bridge.connect()", *closed, language=language))["failed"]
    assert (failed["code"], failed["retriable"], failed["tries"]) == ("bridge_not_running", True, None)
    assert words in failed["help"]


async def test_a_bridge_that_starts_later_is_found_by_the_next_attempt(
    page: Page, visitor: Visitor, desk: Desk
) -> None:
    visitor.expect("Failed to load resource: net::" + REFUSED)  # no WebSocket: failed ones make Chromium slow down
    with unanswered() as [port]:
        for _ in range(3):
            assert (await run(page, "return bridge.connect()", port))["failed"]["code"] == "bridge_not_running"
    async with running_peer(desk.bridge_tls(), port):
        assert await run(page, "return bridge.connect()") == HELLO


async def test_a_certificate_that_nobody_trusts(page: Page, visitor: Visitor, desk: Desk) -> None:
    _, stranger = site.web_site(desk.home, ["localhost"])
    visitor.expect("ERR_CERT_AUTHORITY_INVALID")
    async with running_peer(stranger) as peer:
        assert (await run(page, "return bridge.connect()", peer.port))["failed"]["code"] == "bridge_not_running"
        assert peer.heard == []


async def test_a_public_page_with_permission(visitor: Visitor, bridge_peer: Peer) -> None:
    page = await visitor.open(f"{PORTAL}/", granted=True)
    assert await run(page, "return bridge.connect()", bridge_peer.port) == HELLO
    assert bridge_peer.origins == [PORTAL]


async def test_a_public_page_that_the_browser_blocks(visitor: Visitor, bridge_peer: Peer) -> None:
    # A browser without a window has nobody to ask: it denies.
    page = await visitor.open(f"{PORTAL}/", expect=BLOCKED)
    failed = (await run(page, "return bridge.connect()", bridge_peer.port))["failed"]
    assert failed["code"] == "browser_blocked"
    assert "許可" in failed["help"]
    assert bridge_peer.heard == []


async def test_a_page_without_encryption(visitor: Visitor, bridge_peer: Peer) -> None:
    page = await visitor.open(f"{PLAIN}/")
    failed = (await run(page, "return bridge.connect()", bridge_peer.port))["failed"]
    assert (failed["code"], failed["retriable"]) == ("insecure_page", False)
    assert "https://" in failed["help"]


# Versions and where to get one

ASK = """async ([options]) => {
  const { CardBridge } = await import("/client/card-bridge.js");
  const bridge = new CardBridge(options);
  try { return (await bridge.connect()).bridge.version; } catch (error) { return [error.code, error.installUrl]; }
}"""
INSTALL = "https://portal.example/install"


@pytest.mark.parametrize("least", ["0.1.0", "0.0.9", "0.1", "0"])
async def test_a_bridge_that_is_new_enough(page: Page, bridge_peer: Peer, least: str) -> None:
    options = {"ports": [bridge_peer.port], "minVersion": least, "installUrl": INSTALL}
    assert await page.evaluate(ASK, [options]) == "0.1.0"


@pytest.mark.parametrize("least", ["0.1.1", "0.10.0", "1", "0.1.0.1"])
async def test_a_bridge_that_is_too_old_is_named_with_the_way_to_a_new_one(
    page: Page, bridge_peer: Peer, least: str
) -> None:
    options = {"ports": [bridge_peer.port], "minVersion": least, "installUrl": INSTALL}
    assert await page.evaluate(ASK, [options]) == ["bridge_outdated", INSTALL]


async def test_a_bridge_that_is_not_there_is_told_with_the_way_to_it(page: Page, visitor: Visitor) -> None:
    visitor.expect(REFUSED)
    with unanswered() as closed:
        options = {"ports": closed, "installUrl": INSTALL}
        assert await page.evaluate(ASK, [options]) == ["bridge_not_running", INSTALL]


async def test_what_no_installation_would_end_names_none(visitor: Visitor) -> None:
    page = await visitor.open(f"{PLAIN}/")
    assert await page.evaluate(ASK, [{"installUrl": INSTALL}]) == ["insecure_page", None]
