"""The line of the bridge, and that of its version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from portal.checks import Checks
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import Peer, serving
from tests.browser.portal_desk import PortalDesk, free_bridge_port, free_port, portal_beside, portal_desk
from tests.browser.start.checks import (
    AGAIN_MS,
    RECORD_DELAYS,
    marked,
    person,
    ready,
    refusing,
    says,
    start,
    unreloaded,
)

pytestmark = ring

NOT_RUNNING = (
    "つながっていません",
    "カードブリッジを起動し、起動してもつながらないときはブラウザをすべて閉じて開き直してください。",
)


async def test_a_bridge_that_starts_stops_and_starts_again_needs_no_reload(
    desk: Desk, tmp_path: Path, visitor: Visitor
) -> None:
    visitor.expect("ERR_")
    peer, port = Peer(), free_port()
    peer.port = free_bridge_port()
    async with portal_beside(desk, tmp_path, peer, f"https://localhost:{port}", port) as at:
        page = await person(at, visitor)
        await page.add_init_script(RECORD_DELAYS)
        await start(at, page)
        await marked(page)
        await expect(page.locator("#clock time")).to_have_text(re.compile("^2026年"))
        for _ in range(2):
            await says(page, "bridge", "bad", *NOT_RUNNING)
            assert AGAIN_MS in await page.evaluate("delays")
            await says(page, "reader", "waiting", "カードブリッジにつながると分かります")
            await says(page, "certificate", "waiting", "ICカードを読み取ると分かります")
            await expect(page.locator("#checks [data-state=bad]")).to_have_count(1)  # one cause, one red line
            await ready(page, is_ready=False)
            async with serving(peer, desk.bridge_tls(), peer.port):
                await says(page, "bridge", "good", "つながりました")
                await says(page, "permission", "good", "許可されています")
                await says(page, "certificate", "good", re.compile("北東組株式会社"))
                await ready(page)
        await unreloaded(page)


async def test_a_site_that_the_bridge_does_not_allow(at: PortalDesk, page: Page) -> None:
    at.peer.answers["connect"] = refusing("origin_denied", title="題", help="次に。")
    await start(at, page)
    help_ = "アドレスが正しければ、10分ほど待ってページを再読み込みし、カードブリッジの確認の画面で許可してください。"
    await says(page, "bridge", "bad", "このサイトは許可されていません", help_)
    await says(page, "permission", "good", "許可されています")
    await ready(page, is_ready=False)


async def test_a_failure_without_words_here_brings_its_own(at: PortalDesk, page: Page) -> None:
    at.peer.answers["connect"] = refusing(
        "internal", title="内部エラーです", help="もう一度お試しください。続くときは。"
    )
    await start(at, page)
    await says(page, "bridge", "bad", "内部エラーです", "もう一度お試しください。")


@pytest.mark.parametrize(
    ("version", "lowest", "is_new"),
    [
        ("0.9.12", "0.10", False),
        ("1.2", "1.2.0", True),
        ("1.2.0-rc1", "1.2.0", False),
        ("1.2.1-rc1", "1.2", True),
        ("2.0.0", "1.9.9", True),
    ],
)
async def test_a_bridge_that_is_too_old_is_none_yet(
    desk: Desk, tmp_path: Path, visitor: Visitor, version: str, lowest: str, is_new: bool
) -> None:
    async with portal_desk(desk, tmp_path, checks=Checks(bridge_version=lowest)) as at:
        hello = {"bridge": {"name": "Card Bridge", "version": version, "api": 1}}
        at.peer.answers["connect"] = lambda _: hello
        page = await person(at, visitor)
        await start(at, page)
        if is_new:
            await says(page, "version", "good", version)
        else:
            help_ = "カードブリッジを新しい版に更新してください。"
            await says(page, "version", "bad", f"{version}（{lowest}以上が必要です）", help_)
        await says(page, "bridge", "good", "つながりました")
        await says(page, "certificate", "good", re.compile("北東組株式会社"))
        await ready(page, is_ready=is_new)


async def test_the_menu_refuses_it_too_and_takes_its_successor(desk: Desk, tmp_path: Path, visitor: Visitor) -> None:
    async with portal_desk(desk, tmp_path, checks=Checks(bridge_version="0.10")) as at:
        hello = {"name": "Card Bridge", "version": "0.9.12", "api": 1}
        at.peer.answers["connect"] = lambda _: {"bridge": hello}
        page = await person(at, visitor)
        await page.goto(f"{at.origin}/registration/menu")
        await page.get_by_role("button", name="登録").click()
        await expect(page.locator("#problem h2")).to_have_text("カードブリッジが古くなっています")
        help_ = "新しいカードブリッジを入れて、もう一度お試しください。"
        await expect(page.locator("#problem [data-help]")).to_have_text(help_)
        assert {message["method"] for message in at.peer.heard} == {"connect"}  # no card was asked
        hello["version"] = "0.10.0"
        await page.get_by_role("button", name="登録").click()
        await page.wait_for_url("**/registration/search")
