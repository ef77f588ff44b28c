"""What a person reads in Firefox on a portal of the public internet, by an administrator's policy and without one.

Firefox runs as Debian has it, with nothing that drives it: the page itself sends home what it shows.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from aiohttp import web

from certs import context
from certs.trust.certutil import Database
from tests import private_system
from tests.browser import site
from tests.browser.client_page import unanswered
from tests.browser.peer import Peer, running_peer
from tests.browser.visits import ELSEWHERE, FIREFOX, executable, visiting
from tests.private_system import HOMES, PrivateSystem

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(executable(FIREFOX) is None, reason="needs an installed Firefox"),
    pytest.mark.skipif(not private_system.available(), reason="needs a mount namespace for an administrator's files"),
]

POLICIES: Final = Path("/etc/firefox/policies/policies.json")
NOT_RUNNING: Final = [
    "カードブリッジにつながりません",
    "このパソコンでカードブリッジが動いていないか、ブラウザがその証明書をまだ読み込んでいません。",
    "カードブリッジを起動して、もう一度お試しください。起動しているときは、ブラウザの窓をすべて閉じて開き直してください。",
]
ASKING: Final = [
    "ブラウザが許可を待っています",
    "このサイトがこのパソコンのアプリに接続してよいか、ブラウザが確認しています。",
    "アドレスバーの下に出ている確認で「許可」を押してください。出ていないときは、もう一度お試しください。",
]
PAGE: Final = f'{site.PAGE}<p></p><script type="module" src="/page.js"></script>'
SCRIPT: Final = """import { CardBridge } from "/client/card-bridge.js";
const shown = document.querySelector("p");
const ports = new URLSearchParams(location.search).getAll("port").map(Number);
try {
  shown.textContent = `つながりました: ${(await new CardBridge({ ports }).connect()).bridge.name}`;
} catch (error) {
  shown.innerText = [error.title, error.detail, error.help].join("\\n");
}
await fetch("/shown", { method: "POST", body: document.body.innerText });
"""


class Portal:
    """A page that connects as soon as it is opened; `shown` is what then stands on it."""

    def __init__(self) -> None:
        self.shown: asyncio.Queue[str] = asyncio.Queue()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_static("/client", site.REPOSITORY / "client")
        app.router.add_get("/page.js", self._script)
        app.router.add_post("/shown", self._hear)
        app.router.add_get("/", self._page)
        return app

    async def _page(self, _request: web.Request) -> web.Response:
        policy = site.CSP.replace("connect-src", "connect-src 'self'")
        return web.Response(text=PAGE, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def _script(self, _request: web.Request) -> web.Response:
        return web.Response(text=SCRIPT, content_type="text/javascript")

    async def _hear(self, request: web.Request) -> web.Response:
        self.shown.put_nowait(await request.text())
        return web.Response(status=204)


class Computer(NamedTuple):
    """A Firefox for which the portal at `port` is of the public internet, and a bridge whose root it trusts."""

    system: PrivateSystem
    portal: Portal
    port: int
    peer: Peer

    @property
    def origin(self) -> str:
        return f"https://{ELSEWHERE}:{self.port}"

    def skip(self, *domains: str) -> None:
        skip(self.system, *domains)

    async def shows(self, ports: Sequence[int]) -> str:
        address = f"{self.origin}/?{'&'.join(f'port={port}' for port in ports)}"
        home = self.system.real(HOMES / "root")
        with visiting(FIREFOX, home, address, within=self.system.command(), preferences=public(self.port)):
            async with asyncio.timeout(90):
                return await self.portal.shown.get()


def skip(system: PrivateSystem, *domains: str) -> None:
    """What an administrator writes for portals that need not be asked about."""
    rules = system.real(POLICIES)
    rules.parent.mkdir(parents=True, exist_ok=True)
    policies = {"LocalNetworkAccess": {"Enabled": True, "EnablePrompting": True, "SkipDomains": domains}}
    rules.write_text(json.dumps({"policies": policies}), encoding="utf-8")


def public(port: int) -> dict[str, str]:
    """Firefox's preference by which an address of this computer is one of the internet."""
    return {"network.lna.address_space.public.override": f'"127.0.0.1:{port}"'}


def trusting(folder: Path) -> tuple[PrivateSystem, ssl.SSLContext]:
    """A computer whose Firefox trusts the bridge of `folder/tls` and the public site, and that site's TLS."""
    system = PrivateSystem(folder, {})
    root, tls = site.web_site(folder, [ELSEWHERE])
    bridge = context.ensure(folder / "tls", time.time()).root
    database = Database(system.real(HOMES / "root") / FIREFOX.database)
    database.create()
    for name, trusted in (("public", root), ("bridge", bridge)):
        database.add(name, "C,,", trusted)
    return system, tls


@asynccontextmanager
async def computer(folder: Path) -> AsyncIterator[Computer]:
    portal = Portal()
    system, tls = trusting(folder)
    async with (
        site.served(portal.app(), tls) as port,
        running_peer(context.server_context(folder / "tls")) as peer,
    ):
        yield Computer(system, portal, port, peer)


async def test_a_portal_that_the_policy_names_connects_unasked(tmp_path: Path) -> None:
    async with computer(tmp_path) as at:
        at.skip(ELSEWHERE)
        assert await at.shows([at.peer.port]) == "つながりました: Card Bridge"
        assert (at.peer.methods, at.peer.origins) == (["connect"], [at.origin])


async def test_a_bridge_that_does_not_run_is_named_with_what_to_do(tmp_path: Path) -> None:
    async with computer(tmp_path) as at:
        at.skip(ELSEWHERE)
        with unanswered(16) as closed:
            assert (await at.shows(closed)).splitlines() == NOT_RUNNING


@pytest.mark.parametrize("others", [[], ["elsewhere.example"]])
async def test_a_portal_that_no_policy_names_is_asked_about(tmp_path: Path, others: list[str]) -> None:
    async with computer(tmp_path) as at:
        at.skip(*others)
        assert (await at.shows([at.peer.port])).splitlines() == ASKING
        assert at.peer.origins == []
