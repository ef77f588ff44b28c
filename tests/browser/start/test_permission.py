"""The browser's permission to reach this computer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, expect

from portal.web import security
from tests.browser.harness import PORTAL, Desk, Visitor, ring
from tests.browser.peer import Peer, serving
from tests.browser.portal_desk import PortalDesk, free_bridge_port
from tests.browser.start.checks import (
    AGAIN_MS,
    RECORD_DELAYS,
    marked,
    ready,
    refusing,
    says,
    start,
    unreloaded,
)
from tests.browser.start.public import public_site

pytestmark = ring


async def test_a_browser_that_blocks_and_is_told_otherwise(desk: Desk, playwright: Playwright, tmp_path: Path) -> None:
    peer = Peer()
    async with (
        serving(peer, desk.bridge_tls(), free_bridge_port()),
        public_site(desk, playwright, tmp_path, peer) as (at, page),
    ):
        await start(at, page)
        await marked(page)
        help_ = "アドレスバーの左端のアイコンを押し、「このデバイス上のアプリ」を「許可」に変えてください。"
        await says(page, "permission", "bad", "ブロックされています", help_)
        await says(page, "bridge", "waiting", "ブラウザが許可すると分かります")
        await expect(page.locator("#checks [data-state=bad]")).to_have_count(1)
        await ready(page, is_ready=False)
        assert peer.heard == []
        await page.context.grant_permissions(["local-network-access"], origin=PORTAL)
        await says(page, "permission", "good", "許可されています")
        await says(page, "bridge", "good", "つながりました")
        await ready(page)
        await unreloaded(page)


async def test_a_page_that_no_setting_of_the_person_would_help(
    desk: Desk, playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a proxy on the way, or the frame of another site, keeps the permission back."""
    policy = {"Permissions-Policy": "loopback-network=(), local-network-access=(), local-network=()"}
    monkeypatch.setattr(security, "_HEADERS", security._HEADERS | policy)
    peer = Peer()
    async with (
        serving(peer, desk.bridge_tls(), free_bridge_port()),
        public_site(desk, playwright, tmp_path, peer) as (at, page),
    ):
        await start(at, page)
        help_ = "この画面のアドレスを新しいタブで開き、変わらないときは発注機関の窓口に連絡してください。"
        await says(page, "permission", "bad", "この開き方では許可できません", help_)
        await says(page, "bridge", "waiting", "ブラウザが許可すると分かります")
        await expect(page.locator("#checks [data-state=bad]")).to_have_count(1)
        await ready(page, is_ready=False)
        assert peer.heard == []


async def test_a_browser_that_asks_and_a_person_who_closes_its_question(
    at: PortalDesk, page: Page, visitor: Visitor, desk: Desk
) -> None:
    """A port that is silent until it is closed is what a page sees of the browser's question."""
    visitor.expect("ERR_")
    await page.add_init_script(RECORD_DELAYS)
    await page.add_init_script("navigator.permissions.query = async () => ({ state: 'prompt' })")
    port = free_bridge_port()
    waiting: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: waiting.append(writer), "127.0.0.1", port)
    await page.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(port))
    at.peer.answers["connect"] = refusing("peer_refused")
    await start(at, page)
    await says(
        page, "permission", "bad", "許可を待っています", "アドレスバーの下に出ている確認で「許可」を押してください。"
    )
    await says(page, "bridge", "waiting", "ブラウザが許可すると分かります")
    silent.close()
    for writer in waiting:
        writer.close()
    help_ = "「もう一度確かめる」を押し、ブラウザの確認で「許可」を押してください。"
    await says(page, "permission", "bad", "まだ許可されていません", help_)
    at.peer.answers["connect"] = lambda _: {"bridge": {"name": "x", "version": "0.1.0", "api": 1}}
    # Nobody is asked again unasked: a browser blocks a site whose question was closed a few times.
    assert AGAIN_MS not in await page.evaluate("delays")
    await page.get_by_role("button", name="もう一度確かめる").click()
    await says(page, "permission", "good", "許可されています")
    await ready(page)
