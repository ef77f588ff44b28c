"""資格審査情報検索 over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from aiohttp import web

from portal.form.fields import Field
from portal.refusals import Invalid, SearchLimited
from portal.store import Session
from portal.texts import Text
from portal.web import failures, notices, pages, registration, typed
from portal.web.keys import PORTAL, SETTINGS
from portal.web.typed import Filled

KEEP = "/api/search/keep"


class Limited(NamedTuple):
    """Too many searches found nothing: what is said, and when the next may be made."""

    text: Text
    until: datetime
    inquiry: str


async def search(request: web.Request) -> web.Response:
    visit = await registration.registering(request)
    draft = await request.app[PORTAL].drafts.draft(visit)
    return await _page(request, visit, Filled(draft.search, {}))


async def post_search(request: web.Request) -> web.Response:
    """検索; and taking an offered value where no script does it in the page."""
    visit, given = await registration.registering(request), await typed.read(request)
    search = request.app[PORTAL].search
    if taken := typed.taken(given, search.fields):
        await search.keep(visit, given | taken)
        raise web.HTTPSeeOther(f"{registration.SEARCH}#{next(iter(taken))}")
    try:
        await search.find(visit, given)
    except Invalid as invalid:
        return await _page(request, visit, registration.refused(request, given, invalid))
    except SearchLimited as limited:
        return await _limited(request, visit, given, limited)
    raise web.HTTPSeeOther(registration.FORM)


async def keep_search(request: web.Request) -> web.Response:
    """Keeps the fields while they are being typed (page script): 204."""
    visit = await registration.registering(request)
    await request.app[PORTAL].search.keep(visit, await typed.read(request))
    return web.Response(status=204)


async def _limited(request: web.Request, visit: Session, given: dict[str, str], limited: SearchLimited) -> web.Response:
    """On the screen itself: what was typed stays there until the time has come."""
    inquiry = failures.record(request, limited.code)
    told = Limited(notices.notice(limited.code), limited.until, inquiry)
    answer = await _page(request, visit, Filled(given, {}), told, notices.status(limited.code))
    seconds = (limited.until - request.app[PORTAL].now()).total_seconds()
    answer.headers["Retry-After"] = str(int(seconds) + 1)
    return answer


async def _page(
    request: web.Request, visit: Session, filled: Filled, limited: Limited | None = None, status: int | None = None
) -> web.Response:
    settings = request.app[SETTINGS]
    context = {
        "fields": await _fields(request, visit),
        "filled": filled,
        "limited": limited,
        "rules": settings.search,
        "first_time": settings.entrance.first_time,
    }
    return pages.render(request, "search.html", context, status or typed.status(filled))


async def _fields(request: web.Request, visit: Session) -> tuple[Field, ...]:
    """The screen's fields; a password that is known from before, and is never shown, says so."""
    search = request.app[PORTAL].search
    if not await search.password_kept(visit):
        return search.fields
    kept = "パスワードは入力済みです。変えるときだけ、新しく入力してください。"
    return tuple(
        each._replace(note=kept, required=False) if each.name == "password" else each for each in search.fields
    )
