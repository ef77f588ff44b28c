"""`make mishaps`: what goes wrong on the real road: pages, bridge, PIN window, a practice card pulled and mistyped.

The road itself, from the entrance to the print sheet, is `tests/demo_check.py`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

from playwright.async_api import async_playwright, expect

from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from tests import road
from tests.browser import chromium
from tests.desktop import display
from tests.procedure.example import NAME
from tests.running_demo import RunningDemo, running_demo
from tray import demo_browser


def main() -> int:
    """Each mishap ends in a clear message, and the next press works."""
    with running_demo() as demo:
        asyncio.run(_mishaps(demo))
        left = practice.read(demo.directory / "card" / "practice").tries_left
    return 0 if left == practice.MAX_TRIES else 1


async def _mishaps(demo: RunningDemo) -> None:
    demo_browser.prepare_home(demo.home, (demo.directory / "bridge-tls", demo.directory / "portal-tls"))
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, demo.home)
        page = await (await browser.new_context(locale="ja-JP")).new_page()
        person = road.Person(page, demo.screen, demo.pin, _look)
        await road.enter(person, demo.portal)
        await _wrong_pin(person)
        await _no_card(person, demo)
        await _cancel(person)
        await _host_killed(person, demo)
        await road.log_in(person)
        await _unknown_contractor(person)
        await browser.close()


async def _look(_: str) -> None:
    """No pictures here."""


async def _told(person: road.Person, text: str) -> None:
    await expect(person.page.locator("#problem")).to_contain_text(text, timeout=road.SLOW_MACHINE_MS)
    await expect(person.page.get_by_role("button", name="登録", exact=True)).to_be_enabled()


async def _wrong_pin(person: road.Person) -> None:
    await person.press("登録")
    await road.answer_window(person, "9999")
    await _told(person, "残り2回")


async def _no_card(person: road.Person, demo: RunningDemo) -> None:
    reader = demo.directory / "card" / "practice"
    practice_slot.remove(reader)
    await person.press("登録")
    await _told(person, "ICカードが入っていません")
    practice_slot.insert(reader)


async def _cancel(person: road.Person) -> None:
    await person.press("登録")
    await asyncio.to_thread(_escape, person.screen)
    await _told(person, "試行回数は減っていません")


def _escape(screen: display.Environment) -> None:
    road.use_window(screen, road.PIN_WINDOW, "", "Escape")


async def _host_killed(person: road.Person, demo: RunningDemo) -> None:
    await person.press("登録")
    await asyncio.to_thread(_kill_host, person.screen, demo)
    await _told(person, "署名は行われていません")


def _kill_host(screen: display.Environment, demo: RunningDemo) -> None:
    display.find_window(screen, road.PIN_WINDOW, road.SLOW_MACHINE_MS / 1000)
    pattern = f"bridge.card.host --config {demo.directory}/bridge.toml"
    [host] = subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=True).stdout.split()
    os.kill(int(host), signal.SIGKILL)
    display.wait_gone(screen, road.PIN_WINDOW, 20)


async def _unknown_contractor(person: road.Person) -> None:
    """What was typed stays; the field is named."""
    await person.page.fill("#number", "999999999")
    await person.page.fill("#name", NAME)
    await person.press("検索")
    await expect(person.page.locator("#number-problem")).to_contain_text("業者番号")
    await expect(person.page.locator("#number")).to_have_value("999999999")
    await expect(person.page.locator("#name")).to_have_value(NAME)


if __name__ == "__main__":
    sys.exit(main())
