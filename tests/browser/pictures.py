"""Pictures of the portal's screens, on a desktop and on a phone: `python -m tests.browser.pictures DIR [NAME…]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from portal.hours import Hours
from tests.browser import chromium
from tests.browser.harness import Desk, Visitor, make_desk, screenshot
from tests.browser.portal_desk import portal_desk
from tests.browser.screens import SCREENS, Screen
from tests.browser.screens.officers import OFFICERS

SIZES: Final[dict[str, ViewportSize]] = {
    "phone": {"width": 360, "height": 740},
    "desktop": {"width": 1280, "height": 900},
}


async def take(directory: Path, names: Sequence[str]) -> None:
    """Pictures of these screens, all without names; of 利用者情報 its print as well."""
    with tempfile.TemporaryDirectory() as folder:
        desk = make_desk(Path(folder))
        async with async_playwright() as playwright:
            browser = await chromium.launch(playwright, desk.home)
            for screen in (*SCREENS, *OFFICERS):
                if not names or screen.name in names:
                    await _take(browser, desk, screen, directory)
            await browser.close()


async def _take(browser: Browser, desk: Desk, screen: Screen, directory: Path) -> None:
    person = Visitor(browser)
    settings = {"hours": Hours(), **screen.settings}
    with tempfile.TemporaryDirectory() as folder:
        async with portal_desk(desk, Path(folder), **settings) as at:
            page = await at.open(person)
            await page.set_viewport_size(SIZES["desktop"])
            await screen.reach(at, page)
            await _picture(page, screen.name, directory)
            await person.close()


async def _picture(page: Page, name: str, directory: Path) -> None:
    for size, viewport in SIZES.items():
        await page.set_viewport_size(viewport)
        await screenshot(page, directory / f"portal-{name}-{size}.png")
    if name == "sheet":
        await page.pdf(path=directory / "portal-sheet.pdf", prefer_css_page_size=True)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), sys.argv[2:]))
