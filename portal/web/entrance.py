"""The screens before the card: entrance, 調達機関・区分, 利用者登録／電子入札, 利用者登録処理, menu, and the end."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from portal.refusals import Refused
from portal.web import pages, session
from portal.web.keys import PORTAL, SESSION


class Division(NamedTuple):
    """One 区分 of an agency's procurement."""

    name: str
    label: str


DIVISIONS = (
    Division("works", "工事、コンサル"),
    Division("goods", "物品、役務"),
    Division("small", "少額物品、少額役務"),
)

# Procedures that the screens name and that this portal does not carry: name in the address → title.
PREPARING = {
    "bidding": "電子入札システム",
    "verification": "検証機能",
    "change": "変更",
    "renewal": "ICカード更新",
}


async def entrance(request: web.Request) -> web.Response:
    return pages.render(request, "entrance.html", {})


async def divisions(request: web.Request) -> web.Response:
    """調達機関・区分選択画面."""
    return pages.render(request, "divisions.html", {"divisions": DIVISIONS})


async def business(request: web.Request) -> web.Response:
    """「利用者登録／電子入札」選択画面."""
    division = next((d for d in DIVISIONS if d.name == request.match_info["division"]), None)
    if division is None:
        raise Refused("not_found")
    return pages.render(request, "business.html", {"division": division})


async def start(request: web.Request) -> web.Response:
    """利用者登録処理: opens the way once clock and bridge are there."""
    return pages.render(request, "start.html", {})


async def menu(request: web.Request) -> web.StreamResponse:
    """利用者登録メニュー. A visit begins here."""
    found = await session.find(request)
    if found is None and request.headers.get("Sec-Fetch-Site") == "cross-site":
        # A SameSite=Strict cookie stays behind on a link from another site: a new visit would overwrite a live login.
        raise web.HTTPSeeOther("/registration")
    visit = request[SESSION] = found or await request.app[PORTAL].start_session()
    card = request.app[PORTAL].card(visit) if visit.certificate is not None else None
    response = pages.render(request, "menu.html", {"card": card})
    if found is None:
        session.give(response, visit)
    return response


async def preparing(request: web.Request) -> web.Response:
    title = PREPARING.get(request.match_info["name"])
    if title is None:
        raise Refused("not_found")
    return pages.render(request, "preparing.html", {"title": title})


async def end(request: web.Request) -> web.StreamResponse:
    """終了: ends the login. The page script has ended the PIN session before."""
    await request.app[PORTAL].end_session(await session.visit(request))
    response = web.Response(status=303, headers={"Location": "/ended"})
    session.take(response)
    return response


async def ended(request: web.Request) -> web.Response:
    return pages.render(request, "ended.html", {})
