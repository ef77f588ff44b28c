"""The portal's pages at a desk: the real portal over TLS, real Chromium, and a bridge whose answers a test decides."""

from __future__ import annotations

import base64
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

from portal.settings import Site
from portal.signatures.statement import confirmation_number
from portal.web import app
from tests.browser import site
from tests.browser.harness import Desk, Visitor
from tests.browser.peer import Peer, running_peer
from tests.procedure.example import CERTIFICATE
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, world

TRIES: Final = {"hint": "many", "count": 3, "max": 3, "source": "card"}
PORTS: Final = range(22495, 22479, -1)  # those where pages look for a bridge; from the end, where no daemon listens

_OURS: Final[dict[int, socket.socket]] = {}


@dataclass
class PortalDesk:
    """Portal, bridge and card of one test."""

    made: World
    peer: Peer
    origin: str

    def __post_init__(self) -> None:
        self.peer.answers.update(
            readers=lambda _: {"readers": [{"name": "練習用リーダー", "hasPinPad": False, "card": {"tries": TRIES}}]},
            certificates=lambda _: {"certificates": [self.listed(self.made.card)]},
            sign=self.sign,
        )
        self.peer.answers["pin/close"] = lambda _: {}

    @staticmethod
    def listed(card: pki.Card, **facts: Any) -> dict[str, Any]:
        """A certificate as the bridge lists it."""
        holder = {"name": CERTIFICATE["holder"], "organization": CERTIFICATE["organization"]}
        subject, expiry = f"CN={CERTIFICATE['holder']}", CERTIFICATE["expiry"]
        shown = {"reader": "練習用リーダー", "subject": subject, "expiry": expiry, "state": "valid"}
        since, until = card.certificate.not_valid_before_utc, card.certificate.not_valid_after_utc
        validity = {"notBefore": since.isoformat(), "notAfter": until.isoformat()}
        return {"id": card.sha256, "holder": holder, **shown, **validity, **facts}

    def sign(self, params: dict[str, Any]) -> dict[str, Any]:
        """What the bridge does once a person has agreed."""
        statement = pki.statement(self.made.card, params["statement"], origin=self.origin)
        cms = base64.b64encode(pki.sign(statement, self.made.card)).decode()
        return {"statement": cms, "pinSession": "pin-session-1", "expiresAt": "2026-11-24T01:12:03Z"}

    def signed(self) -> list[dict[str, Any]]:
        """The params of each sign call so far."""
        return [message["params"] for message in self.peer.heard if message.get("method") == "sign"]

    @staticmethod
    def number(params: dict[str, Any]) -> str:
        """The 確認番号 that the window shows for a sign call."""
        shown = confirmation_number(**params["statement"])
        return f"{shown[:4]} {shown[4:]}"

    async def set_pc_clock(self, page: Page, seconds: float = 0) -> None:
        """This PC's clock from now on: the server's, and so many seconds ahead."""
        base = (self.made.time.timestamp() + seconds) * 1000
        script = f"Date.now = () => {base} + performance.now() - (globalThis.clockSet ??= performance.now())"
        await page.add_init_script(script)

    # What a person does

    async def open(self, person: Visitor) -> Page:
        """A page whose browser has met this bridge before; refusals are part of what screens show."""
        person.expect("ERR_|status of [45]")
        page = await person.open(f"{self.origin}/static/icon.svg")
        page.set_default_timeout(60_000)  # a busy computer
        await page.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(self.peer.port))
        return page

    async def log_in(self, page: Page) -> None:
        await page.goto(f"{self.origin}/registration/menu")
        await page.get_by_role("button", name="登録").click()
        await page.wait_for_url("**/registration/search")

    async def find(self, page: Page) -> None:
        await page.get_by_label("業者番号").fill(SEARCH["number"])
        await page.get_by_label("商号又は名称").fill(SEARCH["name"])
        await page.get_by_role("button", name="検索").click()
        await page.wait_for_url("**/registration/form")

    async def fill(self, page: Page) -> None:
        """The form, the card's section by 同じ内容; then 入力内容確認."""
        for name, value in FORM.items():
            if not name.startswith("card_"):
                await page.locator(f"#{name}").fill(value)
        await page.get_by_role("button", name="同じ内容").click()
        await page.locator("p.actions button[value=confirm]").click()
        await page.wait_for_url("**/registration/confirm")

    async def reach_confirmation(self, page: Page) -> None:
        await self.log_in(page)
        await self.find(page)
        await self.fill(page)


@contextlib.asynccontextmanager
async def portal_desk(desk: Desk, root: Path, **changed: Any) -> AsyncIterator[PortalDesk]:
    """Everything running, with these settings of the portal changed; the origin's port is a free one."""
    port = free_port()
    origin = f"https://localhost:{port}"
    async with _bridge(desk) as peer, portal_beside(desk, root, peer, origin, port, **changed) as at:
        yield at


@contextlib.asynccontextmanager
async def portal_beside(
    desk: Desk, root: Path, peer: Peer, origin: str, port: int, **changed: Any
) -> AsyncIterator[PortalDesk]:
    """The portal alone, for browsers that find `origin` at this port; whether the bridge runs is the test's."""
    async with world(root) as made:
        made.configure(site=Site(origin, origin, practice=True), **changed)
        tls = desk.bridge_tls() if origin.startswith("https://localhost:") else desk.portal_tls
        async with site.served(app.build(made.portal, made.portal.settings), tls, port):
            yield PortalDesk(made, peer, origin)


@contextlib.asynccontextmanager
async def _bridge(desk: Desk) -> AsyncIterator[Peer]:
    async with running_peer(desk.bridge_tls(), free_bridge_port()) as peer:
        yield peer


def free_bridge_port() -> int:
    """A port where pages look for a bridge and none listens.

    Tests that run beside this process's get another one, long before anything listens here: the UDP port of the same
    number says whose it is, until the process ends.
    """
    for port in PORTS:
        if _is_ours(port) and _is_free(port):
            return port
    raise RuntimeError("no port of the bridge's range is free")


def _is_ours(port: int) -> bool:
    if port not in _OURS:
        mark = socket.socket(type=socket.SOCK_DGRAM)
        try:
            mark.bind(("127.0.0.1", port))
        except OSError:
            mark.close()
            return False
        _OURS[port] = mark
    return True


def _is_free(port: int) -> bool:
    """For a listener, which is not kept away by connections that have ended just now."""
    with contextlib.suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
