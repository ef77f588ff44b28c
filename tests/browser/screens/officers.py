"""The officers' screens, and what bidders see of what officers do."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from playwright.async_api import Page

from portal.store import Mail, Registration, board, inquiries, outbox
from portal.store.inquiries import Cause
from tests.browser.portal_desk import PortalDesk
from tests.browser.screens.screen import Reach, Screen, at, refusing
from tests.flow.officer_site import NAME, allow, officer_card, waiting

_WAITING: Final = "/officers/registrations/R-000002"
NEWS: Final = "11月28日（土）は、システムの点検のため利用できません。"
JA: Final = "障害のため、電子入札システムを停止しています。\n復旧の見込みは、決まり次第この画面でお知らせします。"
EN: Final = "The e-bidding system is stopped because of a fault."


async def prepare(desk: PortalDesk, name: str = NAME) -> Registration:
    """A registration, which it gives, and a 仮登録 to look at; and an officer's card in the reader."""
    made = desk.made
    registered = await made.register()
    await waiting(made)
    made.card = officer_card(made)
    await allow(made, made.card, name)
    return registered


async def log_in(desk: PortalDesk, page: Page) -> None:
    """An officer's login by the page."""
    await prepare(desk)
    await presses_login(desk, page)


async def presses_login(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}/officers/login")
    await page.get_by_role("button", name="ICカードでログイン").click()
    await page.wait_for_url("**/officers")


def inside(path: str) -> Reach:
    async def reach(desk: PortalDesk, page: Page) -> None:
        await log_in(desk, page)
        await page.goto(f"{desk.origin}{path}")

    return reach


async def evidence(desk: PortalDesk, page: Page) -> None:
    await log_in(desk, page)
    await shows_evidence(desk, page)


async def shows_evidence(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}{_WAITING}")
    await page.get_by_role("link", name="署名と検証の記録").first.click()
    await page.wait_for_url("**/statements/*")


async def decision(desk: PortalDesk, page: Page) -> None:
    await log_in(desk, page)
    await shows_decision(desk, page)


async def shows_decision(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}{_WAITING}")
    await page.locator("#reason-refused").fill("委任状を確認できません。\n担当課へ提出してください。")
    await page.get_by_role("button", name="不受理へ進む").click()
    await page.get_by_role("heading", level=1, name="不受理の確認").wait_for()


async def wrong(desk: PortalDesk, page: Page) -> None:
    """不受理 without a reason."""
    await log_in(desk, page)
    await shows_wrong(desk, page)


async def shows_wrong(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}{_WAITING}")
    await page.get_by_role("button", name="不受理へ進む").click()
    await page.locator("#summary").wait_for()


async def shows_stranger(desk: PortalDesk, page: Page) -> None:
    """The login with a card that is on no list."""
    await page.goto(f"{desk.origin}/officers/login?to=R-000002")
    await page.get_by_role("button", name="ICカードでログイン").click()
    await page.locator("#problem h2").wait_for()


async def shows_cancelled(desk: PortalDesk, page: Page) -> None:
    """A decision whose window was closed."""
    right, desk.peer.answers["sign"] = desk.peer.answers["sign"], refusing("pin_cancelled", title="題", detail="何が")
    await shows_decision(desk, page)
    await page.get_by_role("button", name="不受理", exact=True).click()
    await page.locator("#problem h2").wait_for()
    desk.peer.answers["sign"] = right


async def shows_inquiry(desk: PortalDesk, page: Page) -> None:
    cause = Cause("K7M2-9QXD", "already_registered", "/registration/form", "", desk.made.card.sha256, "")
    await desk.made.store.write(lambda db: inquiries.note(db, cause, desk.made.time))
    await page.goto(f"{desk.origin}/officers?words=K7M2-9QXD")


async def shows_done(desk: PortalDesk, page: Page) -> None:
    """受理, signed, and what the registration's page says then."""
    await page.goto(f"{desk.origin}{_WAITING}")
    await page.get_by_role("button", name="受理へ進む", exact=True).click()
    await page.get_by_role("button", name="受理", exact=True).click()
    await page.wait_for_url("**?done=accepted")


async def shows_wrong_news(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}/officers/notices")
    await page.get_by_label("お知らせ", exact=True).fill("\u200b")
    await page.get_by_role("button", name="掲載する").click()
    await page.locator("#summary").wait_for()


async def shows_wrong_stop(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}/officers/emergency")
    await page.get_by_label("英語の文").fill("x" * 401)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="停止する").click()
    await page.locator("#summary").wait_for()


async def decided(desk: PortalDesk, page: Page) -> None:
    """受理, signed."""
    await log_in(desk, page)
    await shows_done(desk, page)


async def log(desk: PortalDesk, page: Page) -> None:
    await decided(desk, page)
    await page.goto(f"{desk.origin}/officers/log")


async def mails(desk: PortalDesk, page: Page) -> None:
    made = desk.made
    many = [Mail(f"contact-{number:03d}@example.jp", "【山口市電子入札】お知らせ", "本文") for number in range(60)]
    await made.store.write(lambda db: outbox.post(db, many, made.time))
    await inside("/officers/mails")(desk, page)


async def notices(desk: PortalDesk, page: Page) -> None:
    await log_in(desk, page)
    await shows_notices(desk, page)


async def shows_notices(desk: PortalDesk, page: Page) -> None:
    made = desk.made
    today = made.portal.office.today()
    await made.store.write(lambda db: board.post(db, "1", today, NEWS))
    await made.store.write(lambda db: board.set_day(db, today.replace(day=28), opened=False))
    await _until(page, f"{desk.origin}/officers/notices", "掲載中のお知らせ", "caption")


async def stopped(desk: PortalDesk, page: Page) -> None:
    """What a bidder sees."""
    made = desk.made
    await made.store.write(lambda db: board.stop(db, JA, EN, made.time))
    await _until(page, desk.origin, "ただいまサービスを停止しています")


async def lifting(desk: PortalDesk, page: Page) -> None:
    await log_in(desk, page)
    await shows_lifting(desk, page)


async def shows_lifting(desk: PortalDesk, page: Page) -> None:
    made = desk.made
    await made.store.write(lambda db: board.stop(db, JA, EN, made.time))
    await _until(page, f"{desk.origin}/officers/emergency", "応札者の画面をすべて止めています")


async def _until(page: Page, address: str, heading: str, role: Literal["heading", "caption"] = "heading") -> None:
    """What the test wrote is seen within a second, as what another process wrote is."""
    async with asyncio.timeout(60):
        while True:
            await page.goto(address)
            if await page.get_by_role(role).filter(has_text=heading).count():
                return


OFFICERS: Final = (
    Screen("officers-login", "担当者のログイン", "officers/login.html", at("/officers/login")),
    Screen("officers-refused", "担当者のログインが必要です", "officers/refused.html", at("/officers")),
    Screen("officers-ended", "ログアウト", "officers/ended.html", at("/officers/ended")),
    Screen("officers-search", "検索", "officers/search.html", log_in),
    Screen(
        "officers-registration", "R-000002", "officers/registration.html", inside("/officers/registrations/R-000002")
    ),
    Screen("officers-wrong", "R-000002", "officers/registration.html", wrong),
    Screen("officers-evidence", "署名と検証の記録", "officers/evidence.html", evidence),
    Screen("officers-decision", "不受理の確認", "officers/decision.html", decision),
    Screen("officers-decided", "R-000002", "officers/registration.html", decided),
    Screen("officers-log", "操作の記録", "officers/log.html", log),
    Screen("officers-mails", "メール", "officers/mails.html", mails),
    Screen("officers-mail", "メール：", "officers/mail.html", inside("/officers/mails/1")),
    Screen("officers-notices", "お知らせと利用日", "officers/notices.html", notices),
    Screen("officers-emergency", "緊急停止", "officers/emergency.html", inside("/officers/emergency")),
    Screen("officers-lifting", "緊急停止", "officers/emergency.html", lifting),
    Screen("officers-stopped", "ただいまサービスを停止しています", "refused.html", stopped),
)
