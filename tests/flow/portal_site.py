"""The portal over HTTP for tests: the real application and store, a browser of our own, and a card that signs."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.client import _RequestContextManager
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from portal.hours import Hours
from portal.registration.purposes import Purpose
from portal.settings import Settings, Site
from portal.signatures.certificate import TOKYO
from portal.signatures.signing import StatementRequest
from portal.web import app, menu
from portal.web.session import COOKIE
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, world

CSRF = re.compile(r'<meta name="csrf-token" content="([^"]+)">')


class Page(NamedTuple):
    """An answer with its text; `text` is what a person reads, without markup."""

    status: int
    url: str
    html: str
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html)).split())

    @property
    def title(self) -> str:
        return unescape(re.findall(r"<h1>(.*?)<", self.html)[0])

    @property
    def inquiry(self) -> str:
        return str(re.findall(r"問い合わせ番号 <strong>([0-9A-Z]{4}-[0-9A-Z]{4})</strong>", self.html)[0])

    def value(self, field: str) -> str:
        return unescape(re.findall(rf'name="{field}"[^>]* value="([^"]*)"', self.html)[0])

    def data(self, name: str) -> str:
        return unescape(re.findall(rf' data-{name}="([^"]*)"', self.html)[0])


class Remote(NamedTuple):
    """A portal that runs as a program, where `TestClient` is one that runs here. The cookies are one visitor's."""

    session: ClientSession
    address: str

    def make_url(self, path: str) -> URL:
        return URL(self.address + path)

    def get(self, path: str, **more: Any) -> _RequestContextManager:
        return self.session.get(self.address + path, **more)

    def post(self, path: str, **more: Any) -> _RequestContextManager:
        return self.session.post(self.address + path, **more)


@dataclass
class Visitor:
    """A browser without a screen: keeps cookies, knows the token of the page it last saw."""

    made: World
    client: TestClient[Any, Any] | Remote
    token: str = ""

    @property
    def cookie(self) -> str:
        """The visit's cookie as this browser holds it."""
        [value] = [each.value for each in self.client.session.cookie_jar if each.key == COOKIE]
        return value

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.client.session.cookie_jar.update_cookies({COOKIE: value}, self.client.make_url("/"))

    async def get(self, path: str, **headers: str) -> Page:
        return await self._page(await self.client.get(path, headers=headers))

    async def submit(self, path: str, typed: Mapping[str, str], **headers: str) -> Page:
        sent = {"Origin": pki.ORIGIN, **headers}
        return await self._page(await self.client.post(path, data={"csrf": self.token, **typed}, headers=sent))

    async def call(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        sent = {"Origin": pki.ORIGIN, "X-CSRF-Token": self.token, "Accept-Language": "ja", **headers}
        async with self.client.post(path, json=body, headers=sent) as response:
            return response.status, await response.json(content_type=None)

    async def begin(self, kind: str, body: Any) -> StatementRequest:
        status, answer = await self.call(f"/api/{kind}/begin", body)
        assert status == 200, answer
        return StatementRequest(**answer)

    async def finish(self, kind: str, cms: bytes) -> tuple[int, Any]:
        return await self.call(f"/api/{kind}/finish", {"statement": base64.b64encode(cms).decode()})

    async def login(
        self, card: pki.Card | None = None, purpose: Purpose = Purpose.REGISTRATION, division: str = ""
    ) -> Page:
        """Menu, the button, signature: the business's first page."""
        await self.get(f"/registration/menu?division={division}")
        request = await self.begin(f"login/{purpose}", {"division": division})
        status, answer = await self.finish(f"login/{purpose}", self.made.signed(request, card))
        assert (status, answer) == (200, {"next": menu.PAGES[purpose]})
        return await self.get(answer["next"])

    async def fill(self, card: pki.Card | None = None, division: str = "") -> Page:
        """Logged in, contractor found, form filled: the confirmation page."""
        await self.login(card, division=division)
        await self.submit("/registration/search", SEARCH)
        return await self.submit("/registration/form", {**FORM, "step": "confirm"})

    async def statement(self, confirm: Page) -> StatementRequest:
        return await self.begin("registration", {"shown": confirm.data("shown")})

    async def _page(self, response: ClientResponse) -> Page:
        async with response:
            page = Page(response.status, response.url.path_qs, await response.text(), response.headers)
        if found := CSRF.search(page.html):
            self.token = found[1]
        return page


@asynccontextmanager
async def visitor(made: World, settings: Settings | None = None) -> AsyncIterator[Visitor]:
    """A visitor of the portal as it now stands in this world."""
    server = TestServer(app.build(made.portal, settings or made.portal.settings))
    await server.start_server()
    # The visit's cookie is Secure, and the test server speaks plain HTTP.
    jar = CookieJar(unsafe=True, treat_as_secure_origin=server.make_url("/").origin())
    async with TestClient(server, cookie_jar=jar) as client:
        yield Visitor(made, client)


@pytest.fixture
async def person(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody in front of the portal, not yet logged in."""
    async with world(tmp_path) as made, visitor(made) as opened:
        yield opened


def practising(settings: Settings) -> Settings:
    return replace(settings, site=Site(pki.ORIGIN, pki.AUDIENCE, practice=True))


@pytest.fixture
async def bidder(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody in front of a portal with Yamaguchi's hours, on Tuesday 24 November 2026, 10:02."""
    async with world(tmp_path) as made:
        made.configure(hours=Hours())
        async with visitor(made) as opened:
            yield opened


def turn(person: Visitor, clock: str, day: str = "2026-11-24") -> None:
    """The server's clock shows this time of this day in Japan."""
    person.made.time = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=TOKYO).astimezone(UTC)
