"""`make renewal`: ICカード更新 as a person does it, the wrong cards tried first, in real Chromium with real windows.

Registers with the practice card, renews to 更新用の練習カード by one PIN and one insertion of each, and is left with a
card that works and one that does not. Exit status 0 only when openssl accepts both statements and the second holds the
hash of the first; the last line is the 企業ID, the same as before.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID
from playwright.async_api import async_playwright, expect

from bridge.card.practice import pki as practice_pki
from bridge.card.practice import slot as practice_slot
from tests import road
from tests.browser import chromium
from tests.demo_check import CheckFailed
from tests.running_demo import RunningDemo, running_demo
from tray import demo_browser

COLLEAGUE = "colleague"


def main() -> int:
    with running_demo() as demo:
        company_id = asyncio.run(_renewed(demo))
        _verify(demo)
    print(f"企業ID: {company_id}")
    return 0


async def _renewed(demo: RunningDemo) -> str:
    demo_browser.prepare_home(demo.home, (demo.directory / "bridge-tls", demo.directory / "portal-tls"))
    _issue_colleagues_card(demo)
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, demo.home)
        page = await (await browser.new_context(locale="ja-JP")).new_page()
        person = road.Person(page, demo.screen, demo.pin, _look)
        try:
            return await _walk(person, demo)
        except AssertionError:
            print(await page.locator("main").inner_text(), file=sys.stderr)
            raise
        finally:
            await browser.close()


async def _walk(person: road.Person, demo: RunningDemo) -> str:
    registered = await road.register(person, demo.portal)
    await road.leave(person)
    await road.renew(person, demo.portal, _wrong_cards(person, demo))
    kept = (await person.page.locator("#company-id").inner_text()).strip()
    if kept != registered:
        raise CheckFailed(f"企業ID {registered} became {kept}")
    await person.press("終了")
    await person.heading("終了しました")
    await _old_card_is_shut_out(person, demo)
    return kept


async def _look(screen: str) -> None:
    print(f"  {screen}", flush=True)


def _wrong_cards(person: road.Person, demo: RunningDemo) -> Callable[[], Awaitable[None]]:
    """Nothing in the reader, a colleague's card, the old one again; and then the new one by the command."""
    reader = demo.directory / "card" / "practice"

    async def exchange() -> None:
        practice_slot.remove(reader)
        await road.told_of_card(person, "ICカードが入っていません")
        practice_slot.insert(reader, COLLEAGUE)
        await road.told_of_card(person, "別の名義人のICカードです")
        await expect(person.page.get_by_role("button", name="次へ")).to_be_disabled()
        await person.look("renewal-colleague")
        practice_slot.insert(reader)
        await road.told_of_card(person, "旧ICカードのままです")
        await asyncio.to_thread(demo.swap)

    return exchange


def _issue_colleagues_card(demo: RunningDemo) -> None:
    subject = x509.Name(
        [each for each in practice_pki.SUBJECT if each.oid != NameOID.COMMON_NAME]
        + [x509.NameAttribute(NameOID.COMMON_NAME, "南西 花子")]
    )
    reader = demo.directory / "card" / "practice"
    practice_pki.issue_card(reader, COLLEAGUE, subject, 123, datetime.now(UTC), practice_pki.NOT_AFTER)


async def _old_card_is_shut_out(person: road.Person, demo: RunningDemo) -> None:
    await asyncio.to_thread(demo.swap)
    await road.enter(person, demo.portal)
    await person.press("照会・再印刷")
    await road.answer_window(person, person.pin)
    await expect(person.page.locator("#problem h2")).to_have_text(
        "更新済みのICカードです", timeout=road.SLOW_MACHINE_MS
    )
    await asyncio.to_thread(demo.swap)
    await person.press("照会・再印刷")
    await road.answer_window(person, person.pin)
    await expect(person.page).to_have_url(f"{demo.portal}inquiry", timeout=road.SLOW_MACHINE_MS)


class _Signed(NamedTuple):
    kind: str
    cms: bytes


def _verify(demo: RunningDemo) -> None:
    """openssl accepts both statements, and the acceptance holds the hand-over's hash. Raises CheckFailed."""
    query = "SELECT type, cms FROM statements WHERE type IN ('handover', 'acceptance') ORDER BY verified_at"
    with closing(sqlite3.connect(demo.database)) as db:
        handover, acceptance = (_Signed(*row) for row in db.execute(query).fetchall())
    said = [_openssl(demo, each) for each in (handover, acceptance)]
    if [each["type"] for each in said] != ["handover", "acceptance"]:
        raise CheckFailed(f"signed: {[each['type'] for each in said]}")
    if said[1]["payload"]["引継ぎの署名（SHA-256）"] != hashlib.sha256(handover.cms).hexdigest():
        raise CheckFailed("the acceptance holds another hand-over")


def _openssl(demo: RunningDemo, signed: _Signed) -> Any:
    target = demo.directory / f"{signed.kind}.p7m"
    target.write_bytes(signed.cms)
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", str(target), "-purpose", "any"]
    result = subprocess.run([*command, "-CAfile", str(demo.anchor)], capture_output=True, check=False)
    if result.returncode != 0:
        raise CheckFailed(result.stderr.decode(errors="replace"))
    return json.loads(result.stdout)


if __name__ == "__main__":
    sys.exit(main())
