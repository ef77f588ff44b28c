"""/developers/ of `card-bridge demo`: the guide's script live, by practice card and PIN window, and with no bridge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, Request, ViewportSize, expect

from portal.web import developers
from tests import road
from tests.browser import accessibility, chromium, markup
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import Peer
from tests.browser.portal_desk import PortalDesk, free_port, portal_beside
from tests.running_demo import RunningDemo, running_demo
from tray import demo_browser

pytestmark = ring

SIZES: Final[tuple[ViewportSize, ...]] = ({"width": 360, "height": 740}, {"width": 1280, "height": 900})
LANGUAGES: Final = ("ja", "en")
NOT_RUNNING: Final = {
    "ja": (
        "カードブリッジにつながりません\n"
        "このパソコンでカードブリッジが動いていないか、ブラウザがその証明書をまだ読み込んでいません。\n"
        "カードブリッジを起動して、もう一度お試しください。起動しているときは、ブラウザの窓をすべて閉じて開き直してください。\n"
        "bridge_not_running"
    ),
    "en": (
        "Card Bridge cannot be reached\n"
        "Card Bridge is not running on this computer, or the browser has not loaded its certificate yet.\n"
        "Start Card Bridge and try again. If it is running, close all browser windows and open the browser again.\n"
        "bridge_not_running"
    ),
}
needs_axe = pytest.mark.skipif(not accessibility.AXE.is_file(), reason="needs `npm ci`, which `make test` runs")


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    with running_demo() as running:
        demo_browser.prepare_home(running.home, (running.directory / "bridge-tls", running.directory / "portal-tls"))
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def at_demo(playwright: Playwright, demo: RunningDemo) -> AsyncIterator[Browser]:
    """The demo's own browser."""
    browser = await chromium.launch(playwright, demo.home)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def alone(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    """The portal on a computer where no bridge runs."""
    port = free_port()
    async with portal_beside(desk, tmp_path, Peer(), f"https://localhost:{port}", port) as at:
        yield at


async def result(page: Page, name: str) -> Any:
    place = page.locator(f"#{name}")
    await expect(place).not_to_be_empty(timeout=road.SLOW_MACHINE_MS)
    return json.loads(await place.inner_text())


async def run_without_bridge(page: Page, at: PortalDesk, language: str) -> None:
    await page.goto(f"{at.origin}/developers/?language={language}")
    await page.locator("#sign").click()
    await expect(page.locator("#problem")).to_have_text(NOT_RUNNING[language], use_inner_text=True, timeout=60_000)


async def test_each_part_shows_what_it_received(at_demo: Browser, demo: RunningDemo) -> None:
    """By keyboard: Tab to the button, Enter, the PIN into the bridge's own window."""
    person = Visitor(at_demo)
    person.expect("ERR_")  # ports of the range where others of this computer listen
    page = await person.open(f"{demo.portal}developers/")
    await page.locator("#sign").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#status")).to_contain_text("PIN番号入力ダイアログ")
    await expect(page.locator("#sign")).to_be_disabled()
    await road.answer_window(road.Person(page, demo.screen, demo.pin, _look), demo.pin)
    reply = await result(page, "reply")
    certificates, request = await result(page, "certificates"), await result(page, "request")
    assert (await result(page, "hello"))["origin"] == demo.portal.rstrip("/") == reply["claims"]["origin"]
    assert {key: reply["claims"][key] for key in request} == request
    assert reply["claims"]["cert"]["sha256"] == certificates[0]["id"]
    assert reply["signer"]["subject"] == certificates[0]["subject"]
    assert len(await result(page, "statement")) > 1000
    await expect(page.locator("#status")).to_have_text("終わりました。結果はコードの下にあります。")
    await expect(page.locator("#sign")).to_be_enabled()
    await person.close()
    assert person.unexpected() == []


async def _look(_: str) -> None:
    """No pictures here."""


async def test_a_wrong_pin_is_told_with_the_tries_left(at_demo: Browser, demo: RunningDemo) -> None:
    person = Visitor(at_demo)
    person.expect("ERR_")  # ports of the range where others of this computer listen
    page = await person.open(f"{demo.portal}developers/?language=en")
    await page.locator("#sign").click()
    await road.answer_window(road.Person(page, demo.screen, demo.pin, _look), "9999")
    problem = page.locator("#problem")
    await expect(problem).to_contain_text("pin_wrong", timeout=road.SLOW_MACHINE_MS)
    await expect(problem).to_be_focused()
    await expect(page.locator("#reply")).to_be_empty()
    assert (await result(page, "certificates"))[0]["state"] == "valid"
    await expect(page.locator("#start")).to_be_hidden()
    await person.close()
    assert person.unexpected() == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_a_bridge_it_says_so_and_a_button_starts_one(
    alone: PortalDesk, visitor: Visitor, language: str
) -> None:
    page = await alone.open(visitor)
    await run_without_bridge(page, alone, language)
    start = page.get_by_role("button", name={"ja": "カードブリッジを起動する", "en": "Start Card Bridge"}[language])
    async with page.expect_request(_is_link) as link:
        await start.click()
    assert (await link.value).url == "card-bridge:"
    await expect(page.locator("#sign")).to_be_disabled()  # it goes on by itself
    await expect(page.locator("#problem")).to_be_empty()


def _is_link(request: Request) -> bool:
    return not request.url.startswith("https:")


async def test_a_fault_of_the_page_is_told_too(alone: PortalDesk, visitor: Visitor) -> None:
    visitor.expect("ERR_|boom")
    page = await visitor.open(f"{alone.origin}/developers/")
    await page.evaluate("() => void Promise.reject(new Error('boom'))")
    await expect(page.locator("#problem")).to_contain_text("ページの中でエラーが起きました")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_well_formed_and_can_be_read_by_everybody(
    alone: PortalDesk, visitor: Visitor, language: str
) -> None:
    page = await alone.open(visitor)
    sent = await page.goto(f"{alone.origin}/developers/?language={language}")
    assert sent is not None
    assert markup.faults(await sent.text()) == []
    assert "unsafe" not in sent.headers["content-security-policy"]
    shown = await page.locator(".part .code").all_text_contents()
    assert "\n\n".join(shown) + "\n" == developers.script()
    await run_without_bridge(page, alone, language)
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await accessibility.overflow(page) == 0


@needs_axe
@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_before_and_after(alone: PortalDesk, visitor: Visitor, language: str) -> None:
    page = await alone.open(visitor)
    await page.goto(f"{alone.origin}/developers/?language={language}")
    assert await accessibility.violations(page) == []
    await run_without_bridge(page, alone, language)
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await accessibility.violations(page) == []


async def test_tab_reaches_everything(alone: PortalDesk, visitor: Visitor) -> None:
    page = await alone.open(visitor)
    await run_without_bridge(page, alone, "ja")
    names = await accessibility.reachable(page)
    stops = await accessibility.walk(page, len(names))
    assert [stop.place for stop in stops] == list(range(len(names)))
    assert [names[stop.place] for stop in stops[1:] if stop.outline < 2 or not stop.in_sight] == []
