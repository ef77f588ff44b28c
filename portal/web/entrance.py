"""The screens before the card: entrance, 調達機関・区分, 利用者登録／電子入札, 利用者登録処理, and the end."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from portal.refusals import Refused
from portal.web import pages, session
from portal.web.keys import PORTAL


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


async def preparing(request: web.Request) -> web.Response:
    title = PREPARING.get(request.match_info["name"])
    if title is None:
        raise Refused("not_found")
    return pages.render(request, "preparing.html", {"title": title})


async def end(request: web.Request) -> web.StreamResponse:
    """終了: ends the login. The page script has ended the PIN session before."""
    await request.app[PORTAL].visits.end(await session.visit(request))
    response = web.Response(status=303, headers={"Location": "/ended"})
    session.take(response)
    return response


async def ended(request: web.Request) -> web.Response:
    return pages.render(request, "ended.html", {})
