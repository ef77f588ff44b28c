"""調達機関・区分選択画面, 「利用者登録／電子入札」選択画面, and what they name and this portal does not carry yet."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from portal.refusals import Refused
from portal.registration import divisions as procurement
from portal.registration.divisions import DIVISIONS
from portal.registration.rules import Scope
from portal.web import pages, session
from portal.web.keys import SETTINGS

CHOICE = "/divisions"


class Later(NamedTuple):
    """A system that is named and not there yet: its title, and what it will be for."""

    title: str
    purpose: str


PREPARING = {
    "bidding": Later("電子入札システム", "入札書の提出などを行う"),
    "information": Later("入札情報公開システム", "発注情報及び入札結果を閲覧する"),
}
"""Name in the address → what is to come."""


async def divisions(request: web.Request) -> web.Response:
    """調達機関・区分選択画面."""
    return pages.render(request, "divisions.html", {"divisions": DIVISIONS})


async def business(request: web.Request) -> web.Response:
    """「利用者登録／電子入札」選択画面."""
    chosen = next((each for each in DIVISIONS if each.name == request.match_info["division"]), None)
    if chosen is None:
        raise Refused("not_found")
    # Where one registration is for all 区分, nothing on the way to it depends on the one that was chosen.
    category = chosen.name if request.app[SETTINGS].registration.scope is Scope.CATEGORY else ""
    return pages.render(request, "business.html", {"division": chosen, "category": category})


async def preparing(request: web.Request) -> web.Response:
    """The page of a system that is still to come."""
    later = PREPARING.get(request.match_info["name"])
    if later is None:
        raise Refused("not_found")
    return pages.render(request, "preparing.html", {"title": later.title, "purpose": later.purpose})


async def category(request: web.Request) -> str:
    """The 区分 that this page is for: the one in its address, else that of its visit, even one that has just lapsed.

    Empty where the agency registers for all at once. Whoever has chosen none is sent to the choice.
    """
    try:
        return given(request, request.query.get("division") or await _visited(request))
    except Refused as refusal:
        raise web.HTTPSeeOther(CHOICE) from refusal


def onward(request: web.Request) -> str:
    """The 区分 in this page's address, for the way on; empty where it names none, or none is needed."""
    try:
        return given(request, request.query.get("division", ""))
    except Refused:
        return ""


def given(request: web.Request, name: str) -> str:
    """The 区分 of this name, as `category`. Raises Refused (division_required)."""
    return procurement.category(request.app[SETTINGS].registration.scope, name)


async def _visited(request: web.Request) -> str:
    visit = await session.find(request) or await session.lapsed(request)
    return visit.category if visit is not None else ""
