"""Every screen by the rules of accessibility: axe-core, keyboard alone, narrow, enlarged, in a person's own colours."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Response, ViewportSize, expect

from portal.hours import Hours
from tests.browser import accessibility, markup
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.browser.screens import SCREENS, Screen
from tests.procedure.example import FORM, SEARCH
from tests.screenshots import DOCUMENTED

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late

TEMPLATES = Path(__file__).parents[2] / "portal" / "web" / "templates"
SIZES: tuple[ViewportSize, ...] = ({"width": 360, "height": 740}, {"width": 1280, "height": 900})
needs_axe = pytest.mark.skipif(not accessibility.AXE.is_file(), reason="needs `npm ci`, which `make test` runs")

SPACED = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }
"""
FOOT = ["083-934-2710", "入口", "初めての方へ", "パソコンの準備", "ウェブアクセシビリティ方針"]
NOWHERE = -1
ENLARGED = "html { font-size: 200% !important }"


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    return await at.open(visitor)


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        yield opened


class Shown(NamedTuple):
    """A screen as a person sees it, and as the portal sent it."""

    screen: Screen
    page: Page
    html: str


# A module's parameter: each screen is reached once, and looked at by every test below that asks for it.
@pytest_asyncio.fixture(loop_scope="session", scope="module", params=SCREENS, ids=lambda screen: screen.name)
async def shown(
    request: pytest.FixtureRequest, desk: Desk, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shown]:
    screen: Screen = request.param
    person = Visitor(browser)
    settings = {"hours": Hours(), **screen.settings}
    async with portal_desk(desk, tmp_path_factory.mktemp(screen.name), **settings) as at:
        page = await at.open(person)
        sent: list[Response] = []
        page.on("response", lambda each: sent.append(each) if each.request.is_navigation_request() else None)
        await screen.reach(at, page)
        yield Shown(screen, page, await sent[-1].text())
        await person.close()
    assert person.unexpected() == [], person.unexpected()


async def test_every_template_is_a_screen() -> None:
    pages = {path.name for path in TEMPLATES.glob("*.html") if path.read_text("utf-8").startswith("{% extends ")}
    assert {screen.template for screen in SCREENS} == pages


async def test_every_template_has_its_picture_in_the_docs() -> None:
    pictured = {screen.template for screen in SCREENS if screen.name in DOCUMENTED}
    assert pictured == {screen.template for screen in SCREENS}
    assert set(DOCUMENTED) <= {screen.name for screen in SCREENS}


async def test_what_was_sent_is_well_formed(shown: Shown) -> None:
    assert markup.faults(shown.html) == []


@needs_axe
async def test_axe_finds_nothing(shown: Shown) -> None:
    for size in SIZES:
        await shown.page.set_viewport_size(size)
        assert await accessibility.violations(shown.page) == []


async def test_tab_reaches_everything_in_the_order_that_eyes_follow(shown: Shown) -> None:
    address = shown.page.url
    names = await accessibility.reachable(shown.page)
    *stops, beyond = await accessibility.walk(shown.page, len(names) + 1)
    assert [names[stop.place] for stop in stops] == names
    assert beyond.place in (0, NOWHERE)  # no trap
    tabbed = stops[1:]  # how the skip link looks has a test of its own
    assert [names[stop.place] for stop in tabbed if stop.outline < 2 or not stop.in_sight] == []
    on_page = [stop for stop in tabbed if not stop.floats]
    assert [names[after.place] for before, after in pairwise(on_page) if not after.follows(before)] == []
    assert shown.page.url == address


async def test_the_title_names_the_screen(shown: Shown) -> None:
    assert await shown.page.title() == f"{shown.screen.title}｜山口市 電子入札システム"


async def test_the_foot_is_the_same_everywhere(shown: Shown) -> None:
    assert await shown.page.locator("footer a").all_inner_texts() == FOOT
    assert await shown.page.locator("header .brand").get_attribute("href") == "/"


async def test_nothing_is_lost_narrow_enlarged_or_spaced(shown: Shown) -> None:
    """WCAG 2.1 SC 1.4.10 (320 px), SC 1.4.12 (spacing), SC 1.4.4 (letters at 200 %)."""
    for width, css in ((320, SPACED), (1280, ENLARGED)):
        await shown.page.set_viewport_size({"width": width, "height": 740})
        await accessibility.restyle(shown.page, css)
        assert (await accessibility.overflow(shown.page), await accessibility.cut(shown.page)) == (0, [])


async def test_the_skip_link_comes_first_and_leads_to_the_main_part(at: PortalDesk, page: Page) -> None:
    await page.goto(f"{at.origin}/registration/menu")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="本文へ移動")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport(ratio=1)
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="登録", exact=True)).to_be_focused()


async def test_with_forced_colours_controls_keep_their_edges_and_marks(at: PortalDesk, page: Page) -> None:
    await page.emulate_media(forced_colors="active")
    await page.goto(f"{at.origin}/registration/menu")
    for control in await page.locator(".button").all():
        await expect(control).to_have_css("border-top-style", "solid")
        await expect(control).to_have_css("border-top-width", re.compile("[2-9]px"))
    await at.log_in(page)
    await expect(page.locator(".steps [aria-current] .number")).to_have_css("outline-style", "solid")


async def test_with_reduced_motion_nothing_moves(at: PortalDesk, page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(f"{at.origin}/registration/menu")
    await accessibility.restyle(page, ".button { transition: color 9s; animation: x 9s }")
    await expect(page.locator(".button").first).to_have_css("transition-property", "none")
    await expect(page.locator(".button").first).to_have_css("animation-name", "none")


async def test_the_whole_registration_by_keyboard_alone(at: PortalDesk, page: Page) -> None:
    await page.goto(f"{at.origin}/")
    for name in ("電子入札システム", "工事、コンサル", "利用者登録"):
        await press(page, "link", name)
    await expect(page.get_by_role("button", name="利用者登録処理")).to_be_enabled()
    await press(page, "button", "利用者登録処理")
    await press(page, "button", "登録")
    await page.wait_for_url("**/registration/search")
    await type_into(page, SEARCH)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/registration/form")
    await type_into(page, FORM)
    await press(page, "button", "入力内容確認")
    await page.wait_for_url("**/registration/confirm")
    await press(page, "button", "登録")
    await page.wait_for_url("**/registration/complete")
    await press(page, "button", "終了")
    await page.wait_for_url("**/ended")


async def press(page: Page, role: Literal["link", "button"], name: str) -> None:
    """Tab until it has the focus, then Enter."""
    target = page.get_by_role(role, name=name, exact=True).last
    await expect(target).to_be_enabled()
    await tab_to(page, target)
    await page.keyboard.press("Enter")


async def type_into(page: Page, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        await tab_to(page, page.locator(f"#{name}"))
        await page.keyboard.insert_text(value)


async def tab_to(page: Page, target: Locator) -> None:
    for _ in range(200):  # more than any screen has
        if await target.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {target}")
