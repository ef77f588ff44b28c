"""The screens of a portal that registers by 区分, where they say more than the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from playwright.async_api import Page

from portal.registration.rules import Effect, RegistrationRules, Scope
from tests.browser.portal_desk import PortalDesk
from tests.browser.screens.screen import Screen, at
from tests.unit import portal_pki as pki

_RULES: Final = RegistrationRules(scope=Scope.CATEGORY, holder=Effect.WARN)
_SETTINGS: Final[Mapping[str, Any]] = {"registration": _RULES}


async def confirm(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}/registration/menu?division=goods")
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/search")
    await desk.find(page)
    await desk.fill(page)


async def inquiry(desk: PortalDesk, page: Page) -> None:
    await confirm(desk, page)
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/complete")
    await page.goto(f"{desk.origin}/inquiry")


async def inquiry_waiting(desk: PortalDesk, page: Page) -> None:
    """A 仮登録 with its reasons."""
    desk.made.card = desk.made.authority.issue(130, pki.subject("無関係株式会社"))
    await inquiry(desk, page)


DIVISIONS: Final = (
    Screen("menu-division", "利用者登録メニュー", "menu.html", at("/registration/menu?division=goods"), _SETTINGS),
    Screen("confirm-division", "登録内容確認", "confirm.html", confirm, _SETTINGS),
    Screen("inquiry-division", "照会・再印刷", "inquiry.html", inquiry, _SETTINGS),
    Screen("inquiry-waiting", "照会・再印刷", "inquiry.html", inquiry_waiting, _SETTINGS),
)
