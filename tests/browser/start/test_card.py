"""Reader and card."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.harness import ring
from tests.browser.peer import Problem
from tests.browser.portal_desk import TRIES, PortalDesk
from tests.browser.start.checks import (
    NEEDED,
    marked,
    readers,
    ready,
    refusing,
    says,
    start,
    unreloaded,
)

pytestmark = ring

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
