"""The certificate, judged by the server's clock, and the PC's own clock."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from portal.checks import Checks
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.browser.start.checks import (
    CLOCK_HELP,
    NEEDED,
    marked,
    person,
    ready,
    says,
    start,
    unreloaded,
)
from tests.unit import portal_pki as pki

pytestmark = ring

SWAP = f"電子入札用のICカードに差し替えてください{NEEDED}"
RENEW = "期限が切れる前に、認証局に新しいICカードを申し込んでください。"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "state", "value", "help_"),
    [
        (
            {"notAfter": "2026-11-24T01:02:02Z", "expiry": "2026/11/24"},
            "bad",
            "有効期限（2026/11/24）が切れています",
            f"認証局で新しいICカードを取得してください{NEEDED}",
        ),
        (
            {"notBefore": "2026-11-30T15:00:00Z"},
            "bad",
            "有効期間は2026/12/01からです",
            f"有効期間が始まっているICカードに差し替えてください{NEEDED}",
        ),
        ({"state": "unsuitable"}, "bad", "署名に使えない証明書です", SWAP),
        (
            {"notAfter": "2026-11-24T14:59:59Z", "expiry": "2026/11/24"},
            "warning",
            "本日（2026/11/24）で有効期限が切れます",
            RENEW,
        ),
        (
            {"notAfter": "2027-01-23T14:59:59Z", "expiry": "2027/01/23"},
            "warning",
            "あと60日で有効期限（2027/01/23）が切れます",
            RENEW,
        ),
        (
            {"notAfter": "2027-01-24T14:59:59Z", "expiry": "2027/01/24"},
            "good",
            "北東組株式会社　北東 次郎（有効期限 2027/01/24）",
            "",
        ),
        (
            {"state": "expired"},
            "warning",
            "パソコンの時計では有効期間の外です",
            "先にパソコンの時計を合わせてください。",
        ),
    ],
)
async def test_a_certificate_is_judged_by_the_servers_clock(
    at: PortalDesk, page: Page, facts: dict[str, str], state: str, value: str, help_: str
) -> None:
    at.peer.answers["certificates"] = lambda _: {"certificates": [at.listed(at.made.card, **facts)]}
    await start(at, page)
    await says(page, "certificate", state, value, help_)
    await says(page, "card", "good", "入っています")
    await ready(page)


async def test_of_several_certificates_the_best_counts_and_none_is_none(at: PortalDesk, page: Page) -> None:
    old = at.listed(at.made.card, id="0" * 64, notAfter="2025-01-01T00:00:00Z", state="expired")
    at.peer.answers["certificates"] = lambda _: {"certificates": [old, at.listed(at.made.card)]}
    await start(at, page)
    await says(page, "certificate", "good", re.compile("北東組株式会社"))
    at.peer.answers["certificates"] = lambda _: {"certificates": []}
    await page.get_by_role("button", name="もう一度確かめる").click()
    await says(page, "certificate", "bad", "署名に使える証明書がありません", SWAP)
    locked = {"card": "1", "profile": "jpki", "locked": True}
    at.peer.answers["certificates"] = lambda _: {"certificates": [locked]}
    await at.peer.emit("cardInserted", reader="練習用リーダー")
    help_ = "利用者登録メニューで、PIN番号を入力して確かめてください。"
    await says(page, "certificate", "warning", "PIN番号を入力すると分かります", help_)


async def test_the_expired_card_of_this_portals_world(at: PortalDesk, page: Page) -> None:
    """As the bridge lists it: nothing of the answer is set by hand but what the certificate says."""
    gone = at.made.authority.issue(190, until=at.made.time - DAY)
    day = (pki.NOW - DAY).strftime("%Y/%m/%d")
    at.peer.answers["certificates"] = lambda _: {"certificates": [at.listed(gone, expiry=day, state="expired")]}
    await start(at, page)
    help_ = f"認証局で新しいICカードを取得してください{NEEDED}"
    await says(page, "certificate", "bad", f"有効期限（{day}）が切れています", help_)


@pytest.mark.parametrize(
    ("seconds", "value"),
    [
        (12 * 60 + 5, "約12分進んでいます"),
        (-12 * 60 - 5, "約12分遅れています"),
        (-86_400 * 3 - 60, "約3日遅れています"),
    ],
)
async def test_a_pc_clock_that_is_off(at: PortalDesk, page: Page, seconds: int, value: str) -> None:
    await at.set_pc_clock(page, seconds)
    await start(at, page)
    await says(page, "pc-clock", "warning", value, CLOCK_HELP)
    await expect(page.locator("#clock time")).to_have_text(re.compile("^2026年11月24日（火曜日） 10時0[0-9]分"))
    await ready(page)


async def test_a_pc_clock_that_is_set_right_is_seen(at: PortalDesk, page: Page) -> None:
    await at.set_pc_clock(page, 3600)
    await start(at, page)
    await marked(page)
    await says(page, "pc-clock", "warning", "約1時間進んでいます", CLOCK_HELP)
    await page.evaluate("(() => { const wrong = Date.now; Date.now = () => wrong() - 3_600_000 })()")
    await says(page, "pc-clock", "good", "合っています")
    await unreloaded(page)


async def test_how_far_off_is_a_setting(desk: Desk, tmp_path: Path, visitor: Visitor) -> None:
    async with portal_desk(desk, tmp_path, checks=Checks(clock_seconds=30)) as at:
        page = await person(at, visitor)
        await at.set_pc_clock(page, 45)
        await start(at, page)
        await says(page, "pc-clock", "warning", re.compile("^約4[0-9]秒進んでいます$"), CLOCK_HELP)
