"""The script of docs/portal-guide.md, as it stands there: a first signed statement through a real bridge."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, Playwright, expect

from portal.web import developers
from tests.browser import chromium, site
from tests.browser.harness import PORTAL, Desk, ring
from tests.flow.bridge import Bridge, prepare, statement

pytestmark = ring

GUIDE: Final = (site.REPOSITORY / "docs/portal-guide.md").read_text(encoding="utf-8")
PLACES: Final = ("hello", "certificates", "request", "statement", "reply", "problem")
BODY: Final = '<button id="sign">署名する</button><button id="start" hidden>起動する</button>'
PAGE: Final = "".join(
    (site.PAGE, BODY, *(f'<p id="{name}"></p>' for name in PLACES), '<script type="module" src="/first.js"></script>')
)
CSP: Final = f"default-src 'self'; img-src data:; {re.findall(r'`(connect-src [^`]*)`', GUIDE)[0]}"


class Backend:
    """Asks for one statement, and believes what openssl believes."""

    def __init__(self, anchor: Path) -> None:
        self.asked: dict[str, Any] = statement(aud=PORTAL)
        self._anchor = anchor

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/first.js", self._script)
        app.router.add_get("/card-bridge.js", self._client)
        app.router.add_post("/request", self._request)
        app.router.add_post("/statement", self._statement)
        return app

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html", headers={"Content-Security-Policy": CSP})

    async def _script(self, _: web.Request) -> web.Response:
        return web.Response(text=script(), content_type="text/javascript")

    async def _client(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(site.REPOSITORY / "client/card-bridge.js")

    async def _request(self, _: web.Request) -> web.Response:
        return web.json_response(self.asked)

    async def _statement(self, request: web.Request) -> web.Response:
        cms = base64.b64decode(await request.text())
        command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any"]
        process = await asyncio.create_subprocess_exec(*command, "-CAfile", str(self._anchor), stdin=PIPE, stdout=PIPE)
        content, _ = await process.communicate(cms)
        assert process.returncode == 0
        signed = json.loads(content)
        assert {key: signed[key] for key in self.asked} == self.asked
        return web.json_response([signed["origin"], signed["action"]])


def script() -> str:
    found = re.search(r"^```js\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest_asyncio.fixture(loop_scope="session")
async def bridge(desk: Desk, tmp_path: Path) -> AsyncIterator[Bridge]:
    made = prepare(tmp_path)
    made.fresh_card()
    await made.start(origins={"allowed": [PORTAL]}, tls={"directory": str(desk.certificates)})
    yield made
    await made.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def page(desk: Desk, playwright: Playwright, bridge: Bridge) -> AsyncIterator[Page]:
    """The guide's page as a site of the public internet, which may reach this computer."""
    backend = Backend(bridge.practice / "ca.pem")
    async with site.served(backend.app(), desk.portal_tls) as port:
        browser = await chromium.launch(playwright, desk.home, public={"portal.example:443": port})
        area = await browser.new_context(locale="ja-JP")
        await area.grant_permissions(["local-network-access"], origin=PORTAL)
        opened = await area.new_page()
        await opened.goto(f"{PORTAL}/")
        yield opened
        await browser.close()


async def test_the_guides_script_gets_a_signed_statement(page: Page, bridge: Bridge) -> None:
    bridge.plan("pin 1234")
    await page.get_by_role("button", name="署名する").click()
    await expect(page.locator("#reply")).not_to_be_empty(timeout=60_000)
    assert json.loads(await page.locator("#reply").inner_text()) == [PORTAL, "利用者登録（登録）"]
    hello, certificates, request = [json.loads(await page.locator(f"#{name}").inner_text()) for name in PLACES[:3]]
    assert (hello["origin"], certificates[0]["state"], request["aud"]) == (PORTAL, "valid", PORTAL)


async def test_the_guides_script_says_what_to_do_next(page: Page, bridge: Bridge) -> None:
    bridge.plan("pin 9999")
    await page.get_by_role("button", name="署名する").click()
    await expect(page.locator("#problem")).to_contain_text("残り2回", timeout=60_000)
    assert (await page.locator("#problem").inner_text()).endswith("\npin_wrong")
    await expect(page.locator("#start")).to_be_hidden()


async def test_the_live_page_runs_the_guides_script_and_no_other() -> None:
    assert script() == developers.script()


async def test_it_is_as_short_as_it_says() -> None:
    """Up to the text that says what went wrong: without comments, and without the button that starts the bridge."""
    *parts, start = (part.code for part in developers.parts(developers.texts()["en"]["parts"]))
    code = [line for line in "".join(parts).splitlines() if line.strip() and not line.lstrip().startswith("//")]
    assert len(code) == 20
    assert "bridge.start()" in start
