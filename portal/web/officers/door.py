"""担当者のログイン and its end."""

from __future__ import annotations

import logging

from aiohttp import web

from portal.web import wire
from portal.web.keys import OFFICER, PORTAL, SETTINGS
from portal.web.officers import pages, session

LOGIN, END, ENDED = "/officers/login", "/officers/end", "/officers/ended"
BEGIN, FINISH = "/officers/api/login/begin", "/officers/api/login/finish"

_log = logging.getLogger("portal.web")


async def login(request: web.Request) -> web.StreamResponse:
    """The page with the button. Whoever comes without a visit gets one."""
    found = await session.find(request)
    if found is not None and found.officer is not None:
        raise web.HTTPSeeOther(session.HOME)
    visit = request[OFFICER] = found or await request.app[PORTAL].officers.start()
    lowest = request.app[SETTINGS].checks.bridge_version
    response = pages.render(request, "login.html", {"lowest_bridge": lowest})
    if found is None:
        session.give(response, visit)
    return response


async def begin(request: web.Request) -> web.Response:
    """{} → the login statement to sign."""
    return wire.statement(await request.app[PORTAL].officers.begin_login(await session.visit(request)))


async def finish(request: web.Request) -> web.Response:
    """{statement: base64 CMS} → {next}, and the new visit's cookie."""
    visit = await session.visit(request)
    begun = await request.app[PORTAL].officers.finish_login(visit, await wire.cms(request))
    _log.info("officer login", extra={"facts": {"officer": begun.officer.id if begun.officer else None}})
    response = web.json_response({"next": session.HOME})
    session.give(response, begun)
    return response


async def end(request: web.Request) -> web.StreamResponse:
    """ログアウト: ends the visit; the page script has ended the PIN session before."""
    visit = await session.find(request)
    if visit is not None:
        await request.app[PORTAL].officers.end(visit)
    response = web.Response(status=303, headers={"Location": ENDED})
    session.take(response)
    return response


async def ended(request: web.Request) -> web.Response:
    return pages.render(request, "ended.html", {})
