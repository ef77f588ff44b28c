"""お知らせ・利用日 and 緊急停止: what bidders are told and when they may come."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from portal.officers.office import MAX_NEWS
from portal.officers.reasons import MAX_REASON
from portal.refusals import Invalid
from portal.store.officer_rows import OfficerSession
from portal.web import failures, typed
from portal.web.board import shown
from portal.web.keys import PORTAL
from portal.web.officers import pages, session
from portal.web.typed import Filled

NOTICES, EMERGENCY = "/officers/notices", "/officers/emergency"
NEWS, NEWS_REMOVE, DAYS = "/officers/news", "/officers/news/{id}/remove", "/officers/days"
LIFT = "/officers/emergency/lift"

Act = Callable[[OfficerSession, Mapping[str, str]], Awaitable[None]]


async def notices(request: web.Request) -> web.Response:
    """News that stand, and single days, each with its form."""
    await session.login(request)
    return _notices(request, Filled({}, {}))


async def post_news(request: web.Request) -> web.Response:
    """An お知らせ goes up."""
    return await _acted(request, request.app[PORTAL].office.post_news, _notices, NOTICES)


async def remove_news(request: web.Request) -> web.Response:
    """One is taken down."""
    visit, _ = await session.login(request)
    number = request.match_info["id"]
    if number.isascii() and number.isdecimal() and len(number) < 10:
        await request.app[PORTAL].office.remove_news(visit, int(number))
    raise web.HTTPSeeOther(NOTICES)


async def set_day(request: web.Request) -> web.Response:
    """A single day is open, closed or like any other."""
    return await _acted(request, request.app[PORTAL].office.set_day, _notices, NOTICES)


async def emergency(request: web.Request) -> web.Response:
    """The stop, or the form that begins one."""
    await session.login(request)
    return _emergency(request, Filled({}, {}))


async def stop(request: web.Request) -> web.Response:
    """Everything for bidders is stopped."""
    return await _acted(request, request.app[PORTAL].office.stop, _emergency, EMERGENCY)


async def lift(request: web.Request) -> web.Response:
    """And goes on."""
    visit, _ = await session.login(request)
    await request.app[PORTAL].office.lift(visit)
    raise web.HTTPSeeOther(EMERGENCY)


async def _acted(
    request: web.Request, act: Act, page: Callable[[web.Request, Filled], web.Response], after: str
) -> web.Response:
    visit, _ = await session.login(request)
    given = await typed.read(request)
    try:
        await act(visit, given)
    except Invalid as invalid:
        inquiry = failures.record(request, "form_incomplete", failures.fields(invalid))
        return page(request, Filled({**given, "form": request.path}, typed.at_fields(invalid.problems), inquiry))
    raise web.HTTPSeeOther(after)


def _notices(request: web.Request, filled: Filled) -> web.Response:
    context = {"board": shown(request), "filled": filled, "once": secrets.token_hex(8), "limit": MAX_NEWS}
    today = request.app[PORTAL].office.today().isoformat()  # and its forms go to addresses of their own
    return pages.render(request, "notices.html", {**context, "today": today, "here": NOTICES}, typed.status(filled))


def _emergency(request: web.Request, filled: Filled) -> web.Response:
    context = {"stop": shown(request).emergency, "filled": filled, "limit": MAX_REASON}
    return pages.render(request, "emergency.html", context, typed.status(filled))
