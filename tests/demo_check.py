"""`make demo CHECK=1`: the demo driven as a person would, in real headless Chromium with the real PIN window.

登録, 変更 and 照会・再印刷; with the practice cards also a 仮登録 by the second one, which an officer accepts. Exit
status 0 only when the portal has stored a registration whose CMS openssl accepts; the last line is the 企業ID.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys

from playwright.async_api import async_playwright

from tests import officer_road, road
from tests.browser import chromium
from tests.procedure.example import NAME
from tests.running_demo import RunningDemo, running_demo
from tray import demo_browser

MAILS = ("利用者登録完了のお知らせ", "利用者情報変更完了のお知らせ")
OFFICERS_MAILS = (
    "利用者登録(仮登録)受付のお知らせ",
    "利用者登録の申込みについて確認のお願い",
    f"{officer_road.ARRIVED}（R-000003）",
    officer_road.ACCEPTED,
)
_UNACCEPTED = (OFFICERS_MAILS[0], OFFICERS_MAILS[2])
"""Who only applied is not told the 企業ID, and no mail needs it."""


class CheckFailed(Exception):
    """What was stored is not what it should be."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo_check", description=__doc__)
    parser.add_argument("--card", choices=["virtual", "jpki"], help="the real chain instead of the practice card")
    arguments = parser.parse_args(argv)
    with running_demo(arguments.card) as demo:
        company_id = asyncio.run(_walk(demo))
        verify_stored(demo, company_id)
        verify_mail(demo, company_id)
    print(f"企業ID: {company_id}")
    return 0


async def _walk(demo: RunningDemo) -> str:
    certificates = (demo.directory / "bridge-tls", demo.directory / "portal-tls")
    demo_browser.prepare_home(demo.home, certificates)
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, demo.home)
        context = await browser.new_context(locale="ja-JP")
        page = await context.new_page()
        page.on("console", lambda message: print(f"  console: {message.text}", file=sys.stderr))
        try:
            person = road.Person(page, demo.screen, demo.pin, _look, demo.hidden)
            return await _road(person, demo)
        except AssertionError:
            print(await page.locator("main").inner_text(), file=sys.stderr)
            raise
        finally:
            await browser.close()


async def _road(person: road.Person, demo: RunningDemo) -> str:
    """登録, then 変更 and 照会・再印刷 in visits of their own, then the officer's part; the 企業ID."""
    company_id = await road.register(person, demo.portal)
    await road.leave(person)
    await road.change(person, demo.portal)
    await road.leave(person)
    await road.inquire(person, demo.portal)
    if demo.practice:
        await _officers_part(person, demo)
    return company_id


async def _officers_part(person: road.Person, demo: RunningDemo) -> None:
    """The second practice card applies for the same company, and as the officer's accepts what it applied for."""
    await road.leave(person)
    await asyncio.to_thread(demo.swap)
    reception = await officer_road.apply(person, demo.portal)
    if reception != "R-000003":
        raise CheckFailed(f"the second application is {reception}")
    await officer_road.accept(person, demo.mails)


async def _look(screen: str) -> None:
    print(f"  {screen}", flush=True)


def verify_stored(demo: RunningDemo, company_id: str) -> None:
    """The registration is in the database, and its CMS as received verifies. Raises CheckFailed."""
    target = demo.directory / "registration.p7m"
    _run(
        *(sys.executable, "-X", "utf8", "-m", "bridge.cli", "portal", "export-cms"),
        *("--config", str(demo.directory / "portal.toml"), company_id, str(target)),
    )
    command = ("openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", str(target), "-purpose", "any")
    signed = _run(*command, "-CAfile", str(demo.anchor))
    if NAME.encode() not in signed:
        raise CheckFailed(f"what was signed does not name {NAME}")


def verify_mail(demo: RunningDemo, company_id: str) -> None:
    """The mails of all that was done lie in the demo's folder, with the 企業ID where it may be. Raises CheckFailed."""
    # The portal sends by itself; asked once more, it has either sent already or sends now.
    send = (sys.executable, "-X", "utf8", "-m", "bridge.cli", "portal", "send-mail")
    while b"waiting: 0" not in _run(*send, "--config", str(demo.directory / "portal.toml")):
        continue
    titles = (*MAILS, *(OFFICERS_MAILS if demo.practice else ()))
    expected = sorted((f"【山口市電子入札】{title}", title not in _UNACCEPTED) for title in titles)
    found = sorted((mail["Subject"], company_id in mail.get_content()) for mail in officer_road.read(demo.mails))
    if found != expected:
        raise CheckFailed(f"mails, and whether they name {company_id}: {found}")


def _run(*command: str) -> bytes:
    result = subprocess.run(command, capture_output=True, check=False)
    if result.returncode != 0:
        raise CheckFailed(result.stderr.decode(errors="replace"))
    return result.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
