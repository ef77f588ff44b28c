"""An officer in real Chromium: with the real bridge and its practice card, and every screen by the rules of access."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from portal.hours import Hours
from portal.settings import Site
from portal.store import State, officers
from portal.web import app
from tests.browser import accessibility, markup, site
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import free_port, portal_desk
from tests.browser.real_bridge import PIN, accept_its_card, real_bridge
from tests.browser.screens import officers as screens
from tests.browser.screens.officers import OFFICERS
from tests.browser.screens.screen import Reach, at
from tests.browser.test_portal_screens import SIZES, TEMPLATES
from tests.flow.officer_site import NAME, waiting
from tests.procedure.example import CERTIFICATE
from tests.unit.portal_world import world

pytestmark = ring


async def test_an_officer_logs_in_and_accepts_with_card_and_bridge(
    desk: Desk, visitor: Visitor, tmp_path: Path
) -> None:
    """One PIN for the login; the decision's window asks for agreement alone."""
    port = free_port()
    origin = f"https://localhost:{port}"
    (tmp_path / "bridge").mkdir()
    async with (
        world(tmp_path / "portal") as made,
        real_bridge(tmp_path / "bridge", desk.certificates, origin) as bridge,
    ):
        made.configure(site=Site(origin, origin, practice=True))
        asked = await waiting(made)
        accept_its_card(made, bridge)
        card = (CERTIFICATE["issuer"], CERTIFICATE["serial"], None)
        await made.store.write(lambda db: officers.add(db, NAME, *card, by="test", now=made.time))
        bridge.plan(f"pin {PIN}", "yes")
        async with site.served(app.build(made.portal, made.portal.settings), desk.bridge_tls(), port):
            visitor.expect("ERR_")  # the client asks other ports, where nobody is or another bridge
            page = await visitor.open(f"{origin}/officers/login")
            page.set_default_timeout(60_000)
            await page.get_by_role("button", name="ICカードでログイン").click()
            await page.wait_for_url("**/officers")
            await page.get_by_role("link", name=asked.reception).click()
            await page.get_by_role("button", name="受理へ進む", exact=True).click()
            await page.get_by_role("button", name="受理", exact=True).click()
            await page.wait_for_url("**?done=accepted")
            await expect(page.locator("#state")).to_have_text("登録済み")
            await page.get_by_role("button", name="ログアウト").click()
            await expect(page.locator("#card")).to_contain_text("署名も終了しました")
        found = await made.store.registration(asked.owner)
        assert found is not None
        assert found.state is State.REGISTERED
        login, decision = bridge.questions()
        assert (login["origin"], decision["origin"]) == (origin, origin)


async def test_every_template_of_the_officers_is_a_screen() -> None:
    pages = {f"officers/{path.name}" for path in (TEMPLATES / "officers").glob("*.html")}
    parts = {"officers/base.html", "officers/turn.html", "officers/wrong.html", "officers/inquiry.html"}
    assert {screen.template for screen in OFFICERS} - {"refused.html"} == pages - parts


@pytest.mark.skipif(not accessibility.AXE.is_file(), reason="needs `npm ci`, which `make test` runs")
async def test_every_page_by_the_rules_of_access(desk: Desk, browser: Browser, tmp_path: Path) -> None:
    """axe-core finds nothing on a desktop and on a phone, what was sent is well formed, nothing is cut off."""
    person = Visitor(browser)
    async with portal_desk(desk, tmp_path, hours=Hours()) as at:
        page = await at.open(person)
        await page.goto(f"{at.origin}/officers/login")
        await _check(page)
        await screens.log_in(at, page)
        for reach in WALK:
            await reach(at, page)
            await _check(page)
        await person.close()


WALK: tuple[Reach, ...] = (
    at("/officers"),
    screens.shows_wrong,
    screens.shows_evidence,
    screens.shows_decision,
    at("/officers/log"),
    at("/officers/mails"),
    at("/officers/mails/1"),
    screens.shows_notices,
    at("/officers/emergency"),
    screens.stopped,
)


async def _check(page: Page) -> None:
    assert markup.faults(await page.content()) == []
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await accessibility.violations(page) == [], page.url
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url
