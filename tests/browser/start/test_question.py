"""Chromium's own question, on a screen, answered by the keyboard as a person does: allowed, blocked, closed."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Page, Playwright

from tests.browser.harness import PORTAL, Desk, ring
from tests.browser.peer import Peer, serving
from tests.browser.portal_desk import free_bridge_port
from tests.browser.real_bridge import PIN, accept_its_card, logins, real_bridge
from tests.browser.start.checks import ready, says, start
from tests.browser.start.public import public_site
from tests.desktop.display import Environment, click, display, press

pytestmark = [
    *ring,
    pytest.mark.skipif(
        not all(map(shutil.which, ("Xvfb", "openbox", "xdotool"))), reason="needs a screen of its own (Xvfb)"
    ),
]

ASKED: Final = ("許可を待っています", "アドレスバーの下に出ている確認で「許可」を押してください。")
ADDRESS_BAR: Final = (640, 66)
# Chromium's key that moves the focus to a question; its buttons follow as block, allow, close. Escape closes.
# docs/decisions/0042-browsers-without-a-driver.md
QUESTION, BLOCK, ALLOW, CLOSE = "alt+shift+a", ["Return"], ["Tab", "Return"], ["Escape"]


class Person(NamedTuple):
    screen: Environment
    page: Page
    peer: Peer

    async def answers(self, *keys: str) -> None:
        await says(self.page, "permission", "bad", *ASKED)
        assert self.peer.heard == []
        answer(self.screen, *keys)


def answer(screen: Environment, *keys: str) -> None:
    # From the page, keys reach the browser after the page has seen them: later ones would overtake the first.
    click(screen, *ADDRESS_BAR)
    press(screen, QUESTION, *keys)


@pytest_asyncio.fixture(loop_scope="session")
async def person(desk: Desk, playwright: Playwright, tmp_path: Path) -> AsyncIterator[Person]:
    """Somebody whose browser has just asked."""
    peer = Peer()
    async with contextlib.AsyncExitStack() as stack:
        screen = stack.enter_context(display())
        await stack.enter_async_context(serving(peer, desk.bridge_tls(), free_bridge_port()))
        window = {"DISPLAY": screen["DISPLAY"]}
        at, page = await stack.enter_async_context(public_site(desk, playwright, tmp_path, peer, window))
        await start(at, page)
        yield Person(screen, page, peer)


async def test_allowed(person: Person) -> None:
    await person.answers(*ALLOW)
    await says(person.page, "permission", "good", "許可されています")
    await says(person.page, "bridge", "good", "つながりました")
    await ready(person.page)
    assert set(person.peer.origins) == {PORTAL}


async def test_blocked(person: Person) -> None:
    await person.answers(*BLOCK)
    help_ = "アドレスバーの左端のアイコンを押し、「このデバイス上のアプリ」を「許可」に変えてください。"
    await says(person.page, "permission", "bad", "ブロックされています", help_)
    await ready(person.page, is_ready=False)
    assert person.peer.heard == []


async def test_closed_and_asked_again(person: Person) -> None:
    await person.answers(*CLOSE)
    help_ = "「もう一度確かめる」を押し、ブラウザの確認で「許可」を押してください。"
    await says(person.page, "permission", "bad", "まだ許可されていません", help_)
    assert person.peer.heard == []
    await person.page.get_by_role("button", name="もう一度確かめる").click()
    await person.answers(*ALLOW)
    await says(person.page, "permission", "good", "許可されています")
    await ready(person.page)


async def test_allowed_a_card_logs_in_by_the_real_bridge(desk: Desk, playwright: Playwright, tmp_path: Path) -> None:
    """The daemon, its card host and the practice card; the portal verifies what the card signed."""
    async with contextlib.AsyncExitStack() as stack:
        screen = stack.enter_context(display())
        bridge = await stack.enter_async_context(real_bridge(tmp_path / "bridge", desk.certificates, PORTAL))
        window = {"DISPLAY": screen["DISPLAY"]}
        at, page = await stack.enter_async_context(public_site(desk, playwright, tmp_path, Peer(), window))
        accept_its_card(at.made, bridge)
        await at.set_pc_clock(page)
        await start(at, page)
        await says(page, "permission", "bad", *ASKED)
        answer(screen, *ALLOW)
        await says(page, "permission", "good", "許可されています")
        await says(page, "certificate", "good", re.compile("北東組株式会社"))
        await page.get_by_role("button", name="利用者登録処理").click()
        bridge.plan(f"pin {PIN}")
        await page.get_by_role("button", name="登録", exact=True).click()
        await page.wait_for_url("**/registration/search")
        assert await logins(at.made) == 1
        assert bridge.questions()[-1]["origin"] == PORTAL
