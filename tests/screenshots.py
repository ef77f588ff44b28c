"""`make screenshots`: every screen of the road and every window, as pictures for the docs."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from bridge.card.practice import slot as practice_slot
from portal.signatures.certificate import TOKYO
from tests import road
from tests.browser import chromium
from tests.desktop.consent_screenshots import main as consent_pictures
from tests.desktop.screenshots import main as window_pictures
from tests.running_demo import RunningDemo, running_demo
from tray import demo_browser

SIZES = {"desktop": (1280, 900), "phone": (360, 740)}
BESIDE_THE_ROAD = {"print": "/print", "first-time": "/first-time", "setup": "/setup", "later": "/preparing/bidding"}


def main(argv: list[str]) -> int:
    directory = Path(argv[0])
    directory.mkdir(parents=True, exist_ok=True)
    with running_demo() as demo:
        asyncio.run(_pictures(demo, directory))
    window_pictures(directory, [])
    consent_pictures(directory, [])
    return 0


async def _pictures(demo: RunningDemo, directory: Path) -> None:
    demo_browser.prepare_home(demo.home, (demo.directory / "bridge-tls", demo.directory / "portal-tls"))
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, demo.home)
        await _walk(browser, demo, directory)
        await browser.close()


async def _walk(browser: Browser, demo: RunningDemo, directory: Path) -> None:
    context = await browser.new_context(locale="ja-JP")
    page = await context.new_page()

    async def look(screen: str) -> None:
        for name, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=directory / f"portal-{screen}-{name}.png", full_page=True)
        await page.set_viewport_size({"width": SIZES["desktop"][0], "height": SIZES["desktop"][1]})

    await road.register(road.Person(page, demo.screen, demo.pin, look), demo.portal)
    await page.pdf(path=directory / "portal-sheet.pdf", format="A4")
    await _renew(road.Person(page, demo.screen, demo.pin, look), demo)
    for screen, path in BESIDE_THE_ROAD.items():
        await page.goto(f"{demo.portal.rstrip('/')}{path}")
        await look(screen)
    with _closed(demo) as portal:
        await page.goto(f"{portal}divisions")
        await look("closed")


async def _renew(person: road.Person, demo: RunningDemo) -> None:
    """ICカード更新 after the registration; the screens before it are there already."""

    async def look(screen: str) -> None:
        if screen.startswith("renewal"):
            await person.look(screen)

    async def exchange() -> None:
        practice_slot.insert(demo.directory / "card" / "practice", practice_slot.RENEWAL)

    await road.leave(person)
    await road.renew(person._replace(look=look), demo.portal, exchange)


@contextlib.contextmanager
def _closed(demo: RunningDemo) -> Iterator[str]:
    """The demo's portal once more, on a day on which it is closed; its address."""
    hours = f"[hours]\nclosed_days = [{datetime.now(TOKYO).date()}]\n"
    text = (demo.directory / "portal.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[hours\]\n[^\[]*", hours, re.sub(r"\bport = \d+", "port = 0", text))
    settings = demo.directory / "closed.toml"
    settings.write_text(text, encoding="utf-8")
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "portal", "serve", "--config", str(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
