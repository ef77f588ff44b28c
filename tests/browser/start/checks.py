"""The page 利用者登録処理 as a test sees it: what each line says, and what the bridge answers."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.harness import Visitor
from tests.browser.peer import Problem
from tests.browser.portal_desk import PortalDesk

expect.set_options(timeout=20_000)  # a busy computer paints late

LINES = ("permission", "bridge", "version", "reader", "card", "certificate", "pc-clock")
WORDS = {"waiting": "確認中", "good": "正常", "warning": "注意", "bad": "要対応"}
AGAIN_MS = 3_000
RECORD_DELAYS = """
  const set = setTimeout;
  globalThis.delays = [];
  globalThis.setTimeout = (work, delay) => (delays.push(delay), set(work, delay));
"""
NEEDED = "（利用者登録メニューから必要です）。"
CLOCK_HELP = "パソコンの「日付と時刻」の設定で、時計を合わせてください。"
READER = {"name": "練習用リーダー", "hasPinPad": False}


async def person(at: PortalDesk, visitor: Visitor) -> Page:
    """A page whose PC has the right time, and whose browser has met this bridge before."""
    visitor.expect("ERR_CONNECTION_REFUSED")  # where no bridge is
    opened = await visitor.open(f"{at.origin}/ended")
    opened.set_default_timeout(60_000)
    await opened.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
    await at.set_pc_clock(opened)
    return opened


async def start(at: PortalDesk, page: Page) -> None:
    await page.goto(f"{at.origin}/registration")


async def says(page: Page, name: str, state: str, value: str | re.Pattern[str], help_: str = "") -> None:
    """One line: its state in a word, its fact, and exactly one sentence where something is to be done."""
    line = page.locator(f"#check-{name}")
    await expect(line.locator(".value")).to_have_text(value)
    await expect(line.locator(".help")).to_have_text(help_)
    await expect(line.locator(".state")).to_have_text(WORDS[state])
    await expect(line).to_have_attribute("data-state", state)
    assert help_.count("。") == (state in ("warning", "bad"))
    assert await line.locator(".help").is_visible() == (help_ != "")


async def ready(page: Page, *, is_ready: bool = True) -> None:
    button = page.get_by_role("button", name="利用者登録処理")
    await (expect(button).to_be_enabled() if is_ready else expect(button).to_be_disabled())
    assert await page.locator("#ready-hint").is_visible() != is_ready


async def marked(page: Page) -> None:
    """From here on, a reload would be noticed."""
    await page.evaluate("globalThis.stays = true")


async def unreloaded(page: Page) -> None:
    assert await page.evaluate("globalThis.stays")


def refusing(code: str, **facts: Any) -> Any:
    def answer(_: dict[str, Any]) -> None:
        raise Problem(code, **facts)

    return answer


def readers(*cards: dict[str, Any] | None) -> Any:
    return lambda _: {"readers": [{**READER, "card": card} for card in cards]}
