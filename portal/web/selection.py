"""調達機関・区分選択画面, 「利用者登録／電子入札」選択画面, and what they name and this portal does not carry yet."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from portal.refusals import Refused
from portal.web import pages


class Division(NamedTuple):
    """One 区分 of an agency's procurement."""

    name: str
    label: str


class Later(NamedTuple):
    """A system that is named and not there yet: its title, and what it will be for."""

    title: str
    purpose: str


DIVISIONS = (
    Division("works", "工事、コンサル"),
    Division("goods", "物品、役務"),
    Division("small", "少額物品、少額役務"),
)
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
    division = next((each for each in DIVISIONS if each.name == request.match_info["division"]), None)
    if division is None:
        raise Refused("not_found")
    return pages.render(request, "business.html", {"division": division})


async def preparing(request: web.Request) -> web.Response:
    """The page of a system that is still to come."""
    later = PREPARING.get(request.match_info["name"])
    if later is None:
        raise Refused("not_found")
    return pages.render(request, "preparing.html", {"title": later.title, "purpose": later.purpose})
