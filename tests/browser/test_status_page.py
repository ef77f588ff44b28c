"""GET / as the person at this computer sees it: in both languages, wide and narrow, light and dark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright

from bridge.card.practice import slot
from certs import store
from tests.browser import accessibility, chromium
from tests.browser.harness import ring
from tests.flow.bridge import ORIGIN, Bridge, prepare

pytestmark = ring

SIZES = {"wide": (1280, 800), "narrow": (360, 800)}
ColorScheme = Literal["light", "dark"]
LOCALES = {"ja": "ja-JP", "en": "en-US"}
WORDS = {
    "ja": ("カードブリッジの状態", "正常", "要確認", "許可サイト"),
    "en": ("Card bridge status", "OK", "Check", "Allowed sites"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    made = prepare(tmp_path_factory.mktemp("status"))
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def person(
    playwright: Playwright, bridge: Bridge, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """A browser that trusts this bridge."""
    home = tmp_path_factory.mktemp("person")
    chromium.trust(home, store.load(bridge.directory / "tls").root)
    running = await chromium.launch(playwright, home)
    yield running
    await running.close()


async def opened(
    person: Browser, bridge: Bridge, *, tongue: str = "ja", size: str = "wide", scheme: ColorScheme = "light"
) -> tuple[Page, list[str]]:
    width, height = SIZES[size]
    area = await person.new_context(
        locale=LOCALES[tongue], color_scheme=scheme, viewport={"width": width, "height": height}
    )
    page = await area.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"https://localhost:{bridge.port}/")
    return page, complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tongue", WORDS)
async def test_it_is_readable(person: Browser, bridge: Bridge, tongue: str, size: str, scheme: ColorScheme) -> None:
    bridge.fresh_card()
    page, complaints = await opened(person, bridge, tongue=tongue, size=size, scheme=scheme)
    title, good, _, sites = WORDS[tongue]
    assert await page.locator("h1").inner_text() == title
    assert await page.locator("html").get_attribute("lang") == tongue
    assert set(await page.locator(".checks .good .mark").all_inner_texts()) == {good}
    assert await page.locator("h2").last.inner_text() == sites
    assert ORIGIN in await page.locator(".sites li").all_inner_texts()
    # The style sheet is let in by its hash: with another one the page would be bare.
    assert await page.locator(".mark").first.evaluate("each => getComputedStyle(each).fontWeight") == "700"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await accessibility.violations(page) == []
    assert complaints == []
    await page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_card_that_is_out_is_told_with_what_to_do(person: Browser, bridge: Bridge, scheme: ColorScheme) -> None:
    bridge.fresh_card()
    slot.remove(bridge.practice)
    async with bridge.page() as caller:
        for _ in range(200):
            if not any(reader["card"] for reader in (await caller.result("readers", {}))["readers"]):
                break
            await asyncio.sleep(0.1)
    page, _ = await opened(person, bridge, size="narrow", scheme=scheme)
    assert await accessibility.violations(page) == []
    assert await page.locator(".checks .bad").all_inner_texts() == ["要確認\nICカードを差し込んでください。"]
    assert await page.locator(".note").inner_text() == "確認が必要な項目が1件あります。"
    await page.context.close()


async def test_nothing_of_the_person_or_the_computer_is_on_it(person: Browser, bridge: Bridge) -> None:
    page, _ = await opened(person, bridge, tongue="en")
    text = await page.content()
    assert "card-bridge" in text
    for hidden in (str(bridge.directory), str(Path.home()), str(bridge.port), "北東", "121", "opensc", "/"):
        shown = await page.locator(".checks").inner_text()
        assert hidden not in shown, hidden
    await page.context.close()
