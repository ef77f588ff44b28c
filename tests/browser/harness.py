"""Fixtures of the browser ring, offered by this folder's conftest. A module marks itself with `pytestmark = ring`.

One browser serves a whole test session; every page lives in a context of its own (own storage, own permissions).
A console error or an uncaught exception in a page fails its test, unless the test said that it expects it.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, async_playwright

from certs import context
from tests.browser import chromium, site
from tests.browser.peer import Peer, running_peer

PORTAL: Final = "https://portal.example"
PLAIN: Final = "http://portal.example"

# One event loop for the session: browser and servers live as long as it.
ring = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(chromium.executable() is None, reason="needs an installed Chromium"),
]


class Desk(NamedTuple):
    """A person's computer: home directory, the bridge's certificates, who else is trusted."""

    home: Path
    certificates: Path
    portal_tls: ssl.SSLContext

    def bridge_tls(self) -> ssl.SSLContext:
        return context.server_context(self.certificates)


class Sites(NamedTuple):
    """Ports that serve the same empty pages: as a public portal over https and http, and from this computer."""

    secure: int
    plain: int
    local: int


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return make_desk(tmp_path_factory.mktemp("home"))


def make_desk(home: Path) -> Desk:
    """A computer with this home directory, whose browsers trust the bridge and the public sites."""
    root = context.ensure(home / "tls", time.time()).root
    web_root, portal_tls = site.web_site(home, ["portal.example"])
    chromium.trust(home, root, web_root)
    return Desk(home, home / "tls", portal_tls)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def web_pages(desk: Desk) -> AsyncIterator[Sites]:
    async with (
        site.served(site.pages(), desk.portal_tls) as secure,
        site.served(site.pages(), None) as plain,
        site.served(site.pages(), desk.bridge_tls()) as local,
    ):
        yield Sites(secure, plain, local)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright, desk: Desk, web_pages: Sites) -> AsyncIterator[Browser]:
    public = {"portal.example:443": web_pages.secure, "portal.example:80": web_pages.plain}
    running = await chromium.launch(playwright, desk.home, public=public)
    yield running
    await running.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def local_page(browser: Browser, web_pages: Sites) -> AsyncIterator[Page]:
    """One page from this computer for many tests, each of which loads it anew: making pages is what costs time here."""
    area = await browser.new_context(locale="ja-JP")
    page = await area.new_page()
    await page.goto(f"https://localhost:{web_pages.local}/")
    yield page
    await area.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bridge_peer(desk: Desk) -> AsyncIterator[Peer]:
    async with running_peer(desk.bridge_tls()) as peer:
        yield peer


class Visitor:
    """Opens pages and remembers what their consoles complained about."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._watched: list[Page] = []
        self._complaints: list[str] = []
        self._expected: list[str] = []

    async def open(self, address: str, *, granted: bool = False, expect: str | None = None) -> Page:
        """A page in a new context. `granted`: its origin may reach this computer. `expect`: see `expect`."""
        if expect is not None:
            self.expect(expect)
        area = await self._browser.new_context(locale="ja-JP")
        self._contexts.append(area)
        if granted:
            await area.grant_permissions(["local-network-access"], origin=address.rstrip("/"))
        return await self.open_in(area, address)

    async def open_in(self, area: BrowserContext, address: str) -> Page:
        """A further page of the same person: same storage, same permissions."""
        page = await area.new_page()
        self.watch(page)
        await page.goto(address)
        return page

    def watch(self, page: Page) -> None:
        """Takes this page's complaints as this test's, until the test ends."""
        page.on("console", self._listen)
        page.on("pageerror", self._note)
        self._watched.append(page)

    def expect(self, pattern: str) -> None:
        """Console errors that contain this regular expression are part of the test."""
        self._expected.append(pattern)

    async def close(self) -> None:
        for page in self._watched:
            page.remove_listener("console", self._listen)
            page.remove_listener("pageerror", self._note)
        for area in self._contexts:
            await area.close()

    def unexpected(self) -> list[str]:
        return [line for line in self._complaints if not any(re.search(pattern, line) for pattern in self._expected)]

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(message.text)

    def _note(self, error: Error) -> None:
        self._complaints.append(str(error))


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser) -> AsyncIterator[Visitor]:
    person = Visitor(browser)
    yield person
    await person.close()
    assert person.unexpected() == [], person.unexpected()


async def screenshot(page: Page, file: Path) -> Path:
    """The whole page as a picture, for a person to look at."""
    file.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=file, full_page=True, animations="disabled")
    return file
