"""担当者のログイン and its end."""

from __future__ import annotations

import logging

from aiohttp import web

from portal.officers import lookup, notifying
from portal.refusals import Refused
from portal.store import registrations
from portal.web import wire
from portal.web.keys import OFFICER, PORTAL, SETTINGS
from portal.web.officers import pages, session

LOGIN, END, ENDED = "/officers/login", "/officers/end", "/officers/ended"
BEGIN, FINISH = "/officers/api/login/begin", "/officers/api/login/finish"

_log = logging.getLogger("portal.web")


async def login(request: web.Request) -> web.StreamResponse:
    """The page with the button. Whoever comes without a visit gets one.

    `to` of the query: the 受付番号 of the registration that somebody wanted to see, as a mail's address names it.
    """
    found, wanted = await session.find(request), request.query.get("to", "")
    if found is not None and found.officer is not None:
        raise web.HTTPSeeOther(_landing(wanted))
    visit = request[OFFICER] = found or await request.app[PORTAL].officers.start()
    lowest = request.app[SETTINGS].checks.bridge_version
    response = pages.render(request, "login.html", {"lowest_bridge": lowest, "to": _reception(wanted)})
    if found is None:
        session.give(response, visit)
    return response


async def begin(request: web.Request) -> web.Response:
    """{} → the login statement to sign."""
    return wire.statement(await request.app[PORTAL].officers.begin_login(await session.visit(request)))


async def finish(request: web.Request) -> web.Response:
    """{statement: base64 CMS, to: what the page was asked for, if it was} → {next}, and the new visit's cookie."""
    visit = await session.visit(request)
    match await wire.body(request):
        case {"statement": str(encoded), **rest} if rest.keys() <= {"to"} and isinstance(rest.get("to", ""), str):
            begun = await request.app[PORTAL].officers.finish_login(visit, wire.decoded(encoded))
        case _:
            raise Refused("bad_request", "expected statement and to")
    _log.info("officer login", extra={"facts": {"officer": begun.officer.id if begun.officer else None}})
    response = web.json_response({"next": _landing(rest.get("to", ""))})
    session.give(response, begun)
    return response


def _reception(wanted: str) -> str:
    """The 受付番号 that was asked for, as we write it; empty for anything else."""
    number = lookup.named(wanted)
    return "" if number is None else registrations.reception(number)


def _landing(wanted: str) -> str:
    """Where a login leads: to a registration or to the search, never to an address as it was given."""
    reception = _reception(wanted)
    return notifying.path(reception) if reception else session.HOME


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
