"""The portal as a site of the public internet, which Chromium asks about before it reaches this computer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from playwright.async_api import Page, Playwright

from tests.browser import chromium
from tests.browser.harness import PORTAL, Desk
from tests.browser.peer import Peer
from tests.browser.portal_desk import PortalDesk, free_port, portal_beside


@contextlib.asynccontextmanager
async def public_site(
    desk: Desk, playwright: Playwright, root: Path, peer: Peer, screen: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[PortalDesk, Page]]:
    """`screen`: the environment of the screen where the browser has its window; without one it denies."""
    port = free_port()
    public = {"portal.example:443": port}
    async with portal_beside(desk, root, peer, PORTAL, port) as at:
        browser = await chromium.launch(
            playwright, desk.home, public=public, headless=screen is None, environment=screen
        )
        try:
            area = await browser.new_context(locale="ja-JP")
            page = await area.new_page()
            page.set_default_timeout(60_000)
            await at.set_pc_clock(page)
            yield at, page
        finally:
            await browser.close()
