"""A picture of /developers/ after a first signed statement: `python -m tests.browser.developers_screenshots DIR`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from tests import road
from tests.browser import chromium
from tests.running_demo import RunningDemo, running_demo
from tray import demo_browser

SIZE: Final[ViewportSize] = {"width": 1280, "height": 1420}
"""Down to what the first part received: the whole page is four times as long."""


async def take(directory: Path) -> None:
    """DIR/portal-developers-desktop.png, in English, as the guide for developers is."""
    with running_demo() as demo:
        demo_browser.prepare_home(demo.home, (demo.directory / "bridge-tls", demo.directory / "portal-tls"))
        async with async_playwright() as playwright:
            browser = await chromium.launch(playwright, demo.home)
            await _take(browser, demo, directory / "portal-developers-desktop.png")
            await browser.close()


async def _take(browser: Browser, demo: RunningDemo, file: Path) -> None:
    context = await browser.new_context(locale="en", viewport=SIZE)
    page = await context.new_page()
    await page.goto(f"{demo.portal}developers/?language=en")
    await page.locator("#sign").click()
    await asyncio.to_thread(road.use_window, demo.screen, road.PIN_WINDOW, demo.pin, "Return")
    await expect(page.locator("#reply")).not_to_be_empty(timeout=road.SLOW_MACHINE_MS)
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=file, animations="disabled")
    await context.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
