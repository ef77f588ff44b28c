"""The screens of ICカード更新 in every state that a person can meet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from playwright.async_api import Page

from portal.renewal.settings import ExpiredCard, RenewalSettings
from tests.browser.portal_desk import PortalDesk
from tests.browser.renewal_desk import SECOND, UNREADABLE, Content, RenewalDesk, renewal_desk
from tests.browser.screens.screen import Reach, Screen
from tests.unit import portal_pki as pki

Step = Callable[[RenewalDesk, Page], Awaitable[None]]


def after(*steps: Step) -> Reach:
    """The screen that these steps of a person with a registered card lead to."""

    async def reach(at: PortalDesk, page: Page) -> None:
        made = await renewal_desk(at)
        for step in steps:
            await step(made, page)

    return reach


def exchanged(title: str, content: Callable[[RenewalDesk], Content]) -> Step:
    """Something is put into the reader, and the page says what it is."""

    async def step(at: RenewalDesk, page: Page) -> None:
        await at.put(content(at))
        await at.told(page, title)

    return step


async def come_back(at: RenewalDesk, page: Page) -> None:
    at.at.made.wait(minutes=1)
    await at.begin(page)


async def other_cards_beside(at: RenewalDesk, _: Page) -> None:
    at.readers[SECOND] = at.at.made.authority.issue(140, pki.subject(holder="南西 花子"))


async def ends_no_later(at: RenewalDesk, _: Page) -> None:
    at.new = at.at.made.authority.issue(141, until=at.old.certificate.not_valid_after_utc)


async def accept(_: RenewalDesk, page: Page) -> None:
    await page.get_by_role("button", name="更新", exact=True).click()
    await page.wait_for_url("**/renewal/complete")


async def open_expired(at: RenewalDesk, page: Page) -> None:
    """Where the agency lets an expired card hand over."""
    await page.goto(f"{at.at.origin}/registration/menu")
    await page.goto(f"{at.at.origin}/renewal/expired")


async def time_runs_out(at: RenewalDesk, page: Page) -> None:
    at.at.made.wait(minutes=31)
    await page.reload()


HANDED_OVER: tuple[Step, ...] = (RenewalDesk.begin, RenewalDesk.hand_over)
ACCEPTED: Mapping[str, Any] = {"renewal": RenewalSettings(expired_old_card=ExpiredCard.ACCEPT)}
RENEWAL: Final = (
    Screen("renewal", "ICカード更新", "renewal.html", after(RenewalDesk.begin)),
    Screen("renewal-waiting", "ICカード更新", "renewal.html", after(*HANDED_OVER, come_back)),
    Screen(
        "renewal-expired",
        "ICカード更新（有効期限が切れたICカード）",
        "renewal_expired.html",
        after(open_expired),
        ACCEPTED,
    ),
    Screen(
        "renewal-handover",
        "旧ICカードの引継ぎ",
        "renewal_handover.html",
        after(RenewalDesk.begin, RenewalDesk.go_to_handover),
    ),
    Screen(
        "renewal-handover-unfit",
        "旧ICカードの引継ぎ",
        "renewal_handover.html",
        after(RenewalDesk.begin, other_cards_beside, RenewalDesk.go_to_handover),
    ),
    Screen(
        "renewal-exchange",
        "ICカードの差し替え",
        "renewal_exchange.html",
        after(*HANDED_OVER, exchanged("旧ICカードのままです", lambda at: at.old)),
    ),
    Screen(
        "renewal-exchange-unreadable",
        "ICカードの差し替え",
        "renewal_exchange.html",
        after(*HANDED_OVER, exchanged("ICカードを読み取れません", lambda _: UNREADABLE)),
    ),
    Screen(
        "renewal-exchange-other-holder",
        "ICカードの差し替え",
        "renewal_exchange.html",
        after(
            *HANDED_OVER,
            exchanged(
                "別の名義人のICカードです", lambda at: at.at.made.authority.issue(140, pki.subject(holder="南西 花子"))
            ),
        ),
    ),
    Screen(
        "renewal-exchange-found",
        "ICカードの差し替え",
        "renewal_exchange.html",
        after(*HANDED_OVER, exchanged("新しいICカードを確認しました", lambda at: at.new)),
    ),
    Screen("renewal-expired-handover", "引継ぎの期限が過ぎました", "refused.html", after(*HANDED_OVER, time_runs_out)),
    Screen(
        "renewal-confirm",
        "新ICカードの確認",
        "renewal_confirm.html",
        after(*HANDED_OVER, RenewalDesk.go_to_confirmation),
    ),
    Screen(
        "renewal-confirm-no-later",
        "新ICカードの確認",
        "renewal_confirm.html",
        after(ends_no_later, *HANDED_OVER, RenewalDesk.go_to_confirmation),
    ),
    Screen(
        "renewal-complete",
        "ICカード更新完了",
        "renewal_complete.html",
        after(*HANDED_OVER, RenewalDesk.go_to_confirmation, accept),
    ),
)
