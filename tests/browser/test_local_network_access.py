"""Chromium's Local Network Access where others decide: the page around a frame, and an administrator's policy."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Frame, Page, Playwright

from certs import context
from tests.browser import chromium, site
from tests.browser.harness import ring
from tests.browser.peer import Peer, running_peer
from tests.private_system import available, unshare
from tray.browsers import policies

pytestmark = [
    *ring,
    pytest.mark.skipif(not available(), reason="needs a mount namespace for an administrator's files"),
    pytest.mark.skipif(not Path("/etc/chromium").is_dir(), reason="needs Chromium as Debian installs it"),
]

OUTER, FRAMED = "https://outer.example", "https://framed.example"
CONNECT: Final = """async ([ports]) => {
  const { CardBridge } = await import("/client/card-bridge.js");
  return new CardBridge({ ports }).connect().then(() => "connected", (error) => error.code);
}"""
FRAME: Final = """([address, allow]) => new Promise((loaded) => {
  const frame = document.createElement("iframe");
  if (allow) frame.allow = allow;
  frame.src = address;
  frame.onload = () => loaded();
  document.body.append(frame);
})"""


POLICY: Final = """#!/bin/sh
exec {unshare} sh -c 'mount --bind "$0" /etc/chromium && exec {chromium} "$@"' {folder} "$@"
"""


def managed(folder: Path, **lists: list[str]) -> str:
    """A Chromium for which an administrator's files say this; the computer's own files stay as they are."""
    rules = shutil.copytree("/etc/chromium", folder / "chromium") / "policies" / "managed" / "portal.json"
    rules.parent.mkdir(parents=True)
    rules.write_text(json.dumps(lists), encoding="utf-8")
    program = folder / "managed-chromium"
    command = {"unshare": " ".join(unshare()), "chromium": chromium.executable(), "folder": folder / "chromium"}
    program.write_text(POLICY.format(**command), encoding="utf-8")
    program.chmod(0o755)
    return str(program)


@asynccontextmanager
async def computer(playwright: Playwright, home: Path, **lists: list[str]) -> AsyncIterator[tuple[Browser, Peer]]:
    """A browser for which all sites are of the public internet, and a bridge that it trusts."""
    root, tls = site.web_site(home, ["outer.example", "framed.example"])
    chromium.trust(home, context.ensure(home / "tls", time.time()).root, root)
    pages = site.pages(frames=FRAMED)
    async with site.served(pages, tls) as port, running_peer(context.server_context(home / "tls")) as peer:
        public = {"outer.example:443": port, "framed.example:443": port, "outer.example:8443": port}
        browser = await chromium.launch(playwright, home, public=public, program=managed(home, **lists))
        yield browser, peer
        await browser.close()


async def framed(browser: Browser, allow: str) -> Frame:
    """A page of another site in a page that may reach this computer."""
    page = await (await browser.new_context(locale="ja-JP")).new_page()
    await page.goto(f"{OUTER}/")
    await page.evaluate(FRAME, [f"{FRAMED}/", allow])
    return page.frames[1]


async def cause(frame: Frame | Page, peer: Peer) -> str:
    """What the client says there: `connected`, or why not."""
    return str(await frame.evaluate(CONNECT, [[peer.port]]))


@pytest.mark.parametrize("allow", ["loopback-network", "local-network-access"])
async def test_a_policy_for_the_outer_page_reaches_a_frame_with_allow(
    playwright: Playwright, tmp_path: Path, allow: str
) -> None:
    async with computer(playwright, tmp_path, LoopbackNetworkAllowedForUrls=[OUTER]) as (browser, peer):
        frame = await framed(browser, allow)
        assert await cause(frame, peer) == "connected"
        assert peer.origins == [FRAMED]  # the bridge's own gate looks at who asks


async def test_a_frame_without_allow_says_so_and_its_page_connects(playwright: Playwright, tmp_path: Path) -> None:
    async with computer(playwright, tmp_path, LoopbackNetworkAllowedForUrls=[OUTER, FRAMED]) as (browser, peer):
        frame = await framed(browser, "")
        assert await cause(frame, peer) == "frame_blocked"
        assert peer.origins == []
        assert await cause(frame.page, peer) == "connected"


async def test_a_policy_for_another_site_allows_neither(playwright: Playwright, tmp_path: Path) -> None:
    async with computer(playwright, tmp_path, LoopbackNetworkAllowedForUrls=[FRAMED]) as (browser, peer):
        frame = await framed(browser, "loopback-network")
        assert [await cause(one, peer) for one in (frame, frame.page)] == ["browser_blocked", "browser_blocked"]
        assert peer.origins == []


@pytest.mark.parametrize("policy", [each.name for each in policies.CHROMIUM])
async def test_the_policy_that_is_written_for_an_origin_allows_no_other_port_of_it(
    playwright: Playwright, tmp_path: Path, policy: str
) -> None:
    written = {policy: [policies.Form.ORIGIN.of(OUTER)]}
    async with computer(playwright, tmp_path, **written) as (browser, peer):
        page = await (await browser.new_context(locale="ja-JP")).new_page()
        said = {}
        for origin in (OUTER, f"{OUTER}:8443"):
            await page.goto(f"{origin}/")
            said[origin] = await cause(page, peer)
        assert said == {OUTER: "connected", f"{OUTER}:8443": "browser_blocked"}
