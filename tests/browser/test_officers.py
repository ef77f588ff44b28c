"""An officer in real Chromium, with the real bridge and its practice card; and every template is a screen."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from portal.settings import Site
from portal.store import State, officers
from portal.web import app
from tests.browser import site
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import free_port
from tests.browser.real_bridge import PIN, accept_its_card, real_bridge
from tests.browser.screens.officers import OFFICERS
from tests.browser.test_portal_screens import TEMPLATES
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
