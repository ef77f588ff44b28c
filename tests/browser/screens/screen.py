"""One screen of the portal, and the ways that lead to many of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from playwright.async_api import Page

from tests.browser.peer import Problem
from tests.browser.portal_desk import PortalDesk

Reach = Callable[[PortalDesk, Page], Awaitable[None]]


class Screen(NamedTuple):
    """`title` as a tab begins with it, `template` the page behind it; `reach` leads there in a fresh visit.

    `settings` are the portal's own for this screen.
    """

    name: str
    title: str
    template: str
    reach: Reach
    settings: Mapping[str, Any] = MappingProxyType({})


def at(path: str) -> Reach:
    """A screen that has an address of its own and needs nobody logged in."""

    async def reach(desk: PortalDesk, page: Page) -> None:
        await page.goto(f"{desk.origin}{path}")

    return reach


def refusing(code: str, **facts: Any) -> Callable[[dict[str, Any]], Any]:
    """A bridge that answers with this problem."""

    def answer(_: dict[str, Any]) -> None:
        raise Problem(code, **facts)

    return answer


async def choose(desk: PortalDesk, page: Page, business: str) -> None:
    """One of the menu's businesses."""
    await page.goto(f"{desk.origin}/registration/menu")
    await page.get_by_role("button", name=business, exact=True).click()
