"""利用者登録処理 in real Chromium: the server's clock, and each line of 動作確認 as things happen at the PC."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Playwright, expect

from portal.checks import Checks
from tests.browser import chromium
from tests.browser.harness import PORTAL, Desk, Visitor, ring
from tests.browser.peer import Peer, Problem, serving
from tests.browser.portal_desk import TRIES, PortalDesk, free_bridge_port, free_port, portal_beside, portal_desk
from tests.unit import portal_pki as pki

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late

LINES = ("permission", "bridge", "version", "reader", "card", "certificate", "pc-clock")
WORDS = {"waiting": "確認中", "good": "正常", "warning": "注意", "bad": "要対応"}
AGAIN_MS = 3_000
RECORD_DELAYS = """
  const set = setTimeout;
  globalThis.delays = [];
  globalThis.setTimeout = (work, delay) => (delays.push(delay), set(work, delay));
"""
READER = {"name": "練習用リーダー", "hasPinPad": False}


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    return await person(at, visitor)


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


# Everything in order


async def test_everything_in_order(at: PortalDesk, page: Page) -> None:
    await start(at, page)
    await ready(page)
    await says(page, "permission", "good", "許可されています")
    await says(page, "bridge", "good", "つながりました")
    await says(page, "version", "good", "0.1.0")
    await says(page, "reader", "good", "練習用リーダー")
    await says(page, "card", "good", "入っています")
    await says(page, "certificate", "good", "北東組株式会社　北東 次郎（有効期限 2032/11/20）")
    await says(page, "pc-clock", "good", "合っています")
    await page.get_by_role("button", name="利用者登録処理").click()
    await page.wait_for_url("**/registration/menu")


async def test_the_lines_are_those_of_the_procedure_and_nothing_opens_or_costs_a_try(
    at: PortalDesk, page: Page
) -> None:
    await start(at, page)
    await ready(page)
    await says(page, "card", "good", "入っています")
    labels = await page.locator("#checks .name").all_inner_texts()
    assert labels == [
        "ブラウザの許可",
        "カードブリッジ",
        "バージョン",
        "カードリーダー",
        "ICカード",
        "証明書",
        "パソコンの時計",
    ]
    assert set(at.peer.methods) == {"connect", "readers", "certificates"}
    assert await page.locator(".overline").inner_text() == "CALS/EC 電子入札システム　受注者クライアント"


async def test_loading_says_so_until_the_clock_is_there(at: PortalDesk, page: Page) -> None:
    late = asyncio.Event()

    async def hold(route: Any) -> None:
        await late.wait()
        await route.continue_()

    await page.route("**/api/clock", hold)
    await start(at, page)
    await says(page, "bridge", "good", "つながりました")
    await expect(page.locator("#clock time")).to_have_text("読み込み中です。しばらくお待ちください")
    await expect(page.locator("#clock")).to_have_attribute("aria-busy", "true")
    await says(page, "pc-clock", "waiting", "確認しています")
    await ready(page, is_ready=False)
    late.set()
    await expect(page.locator("#clock time")).to_have_text(
        re.compile("^2026年11月24日（火曜日） 10時02分[0-5][0-9]秒$")
    )
    await expect(page.locator("#clock")).not_to_have_attribute("aria-busy", "true")
    await ready(page)


async def test_the_clock_is_the_servers_and_goes_on(at: PortalDesk, page: Page) -> None:
    at.made.time = datetime(2026, 12, 31, 14, 59, 58, tzinfo=UTC)  # Tokyo: two seconds before midnight
    await at.set_pc_clock(page, 7 * 3600)
    await start(at, page)
    await expect(page.locator("#clock time")).to_have_text(re.compile("^2027年1月1日（金曜日） 00時00分0[0-9]秒$"))
    shown = await page.locator("#clock time").get_attribute("datetime")
    assert shown is not None
    assert shown.startswith("2026-12-31T15:00:0")
    await says(page, "pc-clock", "warning", "約7時間進んでいます", CLOCK_HELP)


async def test_without_an_answer_the_clock_says_what_to_do_and_comes_by_itself(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("ERR_FAILED")
    await page.route("**/api/clock", lambda route: route.abort())
    await start(at, page)
    await marked(page)
    await expect(page.locator("#clock time")).to_have_text("日時を表示できません")
    await expect(page.locator("#clock-help")).to_have_text("通信の状態を確かめて、このままお待ちください。")
    await says(page, "certificate", "good", re.compile("北東組株式会社"))
    await ready(page, is_ready=False)
    await page.unroute("**/api/clock")
    await expect(page.locator("#clock time")).to_have_text(re.compile("^2026年11月24日"))
    await expect(page.locator("#clock-help")).to_be_hidden()
    await ready(page)
    await unreloaded(page)


# The bridge

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
    help_ = "アドレスが正しければ、カードブリッジの許可サイトへの追加を管理者に依頼してください。"
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


# The browser's permission


@contextlib.asynccontextmanager
async def public_site(
    desk: Desk, playwright: Playwright, root: Path, peer: Peer
) -> AsyncIterator[tuple[PortalDesk, Page]]:
    """The portal as a site of the public internet, which the browser asks about; without a window it denies."""
    port = free_port()
    async with portal_beside(desk, root, peer, PORTAL, port) as at:
        browser = await chromium.launch(playwright, desk.home, public={"portal.example:443": port})
        try:
            area = await browser.new_context(locale="ja-JP")
            page = await area.new_page()
            page.set_default_timeout(60_000)
            await at.set_pc_clock(page)
            yield at, page
        finally:
            await browser.close()


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


# Reader and card

NEEDED = "（利用者登録メニューから必要です）。"
NO_READER = ("つながっていません", f"ICカードリーダーをUSBにつないでください{NEEDED}")
NO_CARD = ("入っていません", f"ICカードを奥まで差し込んでください{NEEDED}")


async def test_reader_and_card_come_and_go(at: PortalDesk, page: Page) -> None:
    listing = at.peer.answers["certificates"]
    at.peer.answers["readers"] = readers()
    await start(at, page)
    await marked(page)
    await says(page, "reader", "bad", *NO_READER)
    await says(page, "card", "waiting", "カードリーダーがつながると分かります")
    await ready(page)  # needed from the menu on only
    at.peer.answers["readers"] = readers(None)
    await at.peer.emit("readerAdded", reader="練習用リーダー")
    await says(page, "reader", "good", "練習用リーダー")
    await says(page, "card", "bad", *NO_CARD)
    await says(page, "certificate", "waiting", "ICカードを読み取ると分かります")
    assert "certificates" not in at.peer.methods
    at.peer.answers |= {"readers": readers({"label": "練習用カード", "tries": TRIES}), "certificates": listing}
    await at.peer.emit("cardInserted", reader="練習用リーダー")
    await says(page, "card", "good", "練習用カード")
    await says(page, "certificate", "good", re.compile("北東組株式会社"))
    at.peer.answers["readers"] = readers(None)
    await at.peer.emit("cardRemoved", reader="練習用リーダー")
    await says(page, "card", "bad", *NO_CARD)
    await says(page, "certificate", "waiting", "ICカードを読み取ると分かります")
    at.peer.answers["readers"] = readers()
    await at.peer.emit("readerRemoved", reader="練習用リーダー")
    await says(page, "reader", "bad", *NO_READER)
    await ready(page)
    await unreloaded(page)


@pytest.mark.parametrize(
    ("code", "value", "help_"),
    [
        (
            "card_unknown",
            "読み取れません",
            f"電子入札用のICカードを差し込み、認証局のソフトが入っているか確かめてください{NEEDED}",
        ),
        ("module_missing", "認証局のソフトがありません", f"認証局のカード用ソフトをインストールしてください{NEEDED}"),
        ("module_timeout", "応答がありません", f"ICカードを差し直してください{NEEDED}"),
        ("module_failed", "応答がありません", f"ICカードを差し直してください{NEEDED}"),
        ("card_failed", "応答がありません", f"ICカードを差し直してください{NEEDED}"),
        ("some_later_code", "題", "次に。"),
    ],
)
async def test_a_card_that_cannot_be_read(at: PortalDesk, page: Page, code: str, value: str, help_: str) -> None:
    at.peer.answers["certificates"] = refusing(code, title="題", help="次に。それから。")
    await start(at, page)
    await says(page, "card", "bad", value, help_)
    await says(page, "certificate", "waiting", "ICカードを読み取ると分かります")
    await ready(page)


async def test_a_card_that_answers_a_moment_late_is_never_red(at: PortalDesk, page: Page) -> None:
    answers = iter([True, False])

    def late(_: dict[str, Any]) -> dict[str, Any]:
        if next(answers):
            raise Problem("card_failed")
        return {"certificates": [at.listed(at.made.card)]}

    at.peer.answers["certificates"] = late
    seen = "new MutationObserver(() => seen.push(line.dataset.state)).observe(line, { attributes: true })"
    await page.add_init_script(
        "globalThis.seen = []; addEventListener('DOMContentLoaded', () => {"
        f"const line = document.getElementById('check-card'); if (line) {seen} }})"
    )
    await start(at, page)
    await says(page, "card", "good", "入っています")
    assert "bad" not in await page.evaluate("seen")


async def test_a_card_in_use_is_looked_at_until_it_is_free(at: PortalDesk, page: Page) -> None:
    listing, at.peer.answers["certificates"] = at.peer.answers["certificates"], refusing("busy")
    await start(at, page)
    help_ = "開いているダイアログやほかのソフトの処理を終えてください。"
    await says(page, "card", "warning", "ほかの画面やソフトが使っています", help_)
    at.peer.answers["certificates"] = listing
    await says(page, "card", "good", "入っています")


@pytest.mark.parametrize(
    ("hint", "state", "value", "help_"),
    [
        ("locked", "bad", "ロックされています", f"ICカードを購入した認証局に、ロックの解除を依頼してください{NEEDED}"),
        ("last", "warning", "あと1回の間違いでロックされます", "PIN番号を書類で確かめてから入力してください。"),
    ],
)
async def test_few_tries_are_told_before_a_pin_is_asked_for(
    at: PortalDesk, page: Page, hint: str, state: str, value: str, help_: str
) -> None:
    at.peer.answers["readers"] = readers({"label": "カード", "tries": {**TRIES, "hint": hint}})
    await start(at, page)
    await says(page, "card", state, value, help_)
    await ready(page)


# The certificate, by the server's clock

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


# The PC's clock

CLOCK_HELP = "パソコンの「日付と時刻」の設定で、時計を合わせてください。"


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
