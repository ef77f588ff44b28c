"""The portal's first page and its print view, 利用者登録処理, and the end."""

from __future__ import annotations

from typing import Any, NamedTuple

from aiohttp import web

from portal.search.settings import Numbers
from portal.settings import News
from portal.web import board, pages, selection, session
from portal.web.keys import PORTAL, SETTINGS
from portal.web.opening import opening


class Check(NamedTuple):
    """One line of 動作確認, which the page's script fills in."""

    name: str
    label: str


LINES = (
    Check("permission", "ブラウザの許可"),
    Check("bridge", "カードブリッジ"),
    Check("version", "バージョン"),
    Check("reader", "カードリーダー"),
    Check("card", "ICカード"),
    Check("certificate", "証明書"),
    Check("pc-clock", "パソコンの時計"),
)


async def entrance(request: web.Request) -> web.Response:
    """入口: news, where to go, and when."""
    return pages.render(request, "entrance.html", _board(request))


async def entrance_print(request: web.Request) -> web.Response:
    """印刷用ページ: the same for paper."""
    return pages.render(request, "entrance_print.html", _board(request))


def _board(request: web.Request) -> dict[str, Any]:
    settings = request.app[SETTINGS]
    posted = [News(each.date, each.text) for each in board.shown(request).news]
    listed = [*posted, *settings.entrance.news]
    news = sorted(listed, key=lambda each: each.date, reverse=True)
    return {
        "entrance": settings.entrance,
        "news": news,
        "published": settings.search.numbers is Numbers.PUBLISHED,
        "posted": settings.entrance.posted or (news[0].date if news else None),
        "opening": opening(request),
        "origin": settings.site.origin,
    }


async def start(request: web.Request) -> web.Response:
    """利用者登録処理 with 動作確認: opens the way once clock and bridge are there."""
    settings = request.app[SETTINGS]
    lines = {"lines": LINES, "checks": settings.checks, "card": settings.card}
    context = {"opening": opening(request), "category": selection.onward(request), **lines}
    return pages.render(request, "start.html", context)


async def end(request: web.Request) -> web.StreamResponse:
    """終了: ends the login, also one that time has ended already. The page script has ended the PIN session before."""
    visit = await session.find(request) or await session.lapsed(request)
    if visit is not None:
        await request.app[PORTAL].visits.end(visit)
    response = web.Response(status=303, headers={"Location": "/ended"})
    session.take(response)
    return response


async def ended(request: web.Request) -> web.Response:
    return pages.render(request, "ended.html", {})
