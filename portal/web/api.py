"""What page scripts call around a signature: begin gives the statement to sign, finish takes the signed one."""

from __future__ import annotations

import hmac
import logging

from aiohttp import web

from portal.refusals import Refused
from portal.registration.change import Changes
from portal.registration.registrar import Registrar
from portal.store import State
from portal.web import change, menu, registration, selection, session, wire
from portal.web.keys import PORTAL

_log = logging.getLogger("portal.web")


async def clock(request: web.Request) -> web.Response:
    """The server's time, for the clock on the pages."""
    now = request.app[PORTAL].now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return web.json_response({"now": now})


async def begin_login(request: web.Request) -> web.Response:
    """{division: the menu's 区分, or empty} → the login statement to sign, for the purpose in the address."""
    match await wire.body(request):
        case {"division": str(name), **rest} if not rest:
            visit, category = await session.visit(request), selection.given(request, name)
            return wire.statement(await request.app[PORTAL].visits.begin_login(visit, menu.purpose(request), category))
    raise Refused("bad_request", "expected exactly division")


async def finish_login(request: web.Request) -> web.Response:
    """{statement: base64 CMS} → {next}, and the new visit's cookie."""
    visit, purpose = await session.visit(request), menu.purpose(request)
    renewed = await request.app[PORTAL].visits.finish_login(visit, purpose, await wire.cms(request))
    _log.info("login", extra={"facts": {"purpose": purpose}})
    response = web.json_response({"next": menu.PAGES[purpose]})
    session.give(response, renewed)
    return response


async def begin(request: web.Request) -> web.Response:
    """{shown: what the confirmation page names its content by} → the statement of the procedure in the address."""
    visit = await session.login(request)
    match await wire.body(request):
        case {"shown": str(shown), **rest} if not rest:
            begun = await _procedure(request).begin(visit)
            # Another tab may have changed the form since: nobody signs what their page did not show.
            if not hmac.compare_digest(shown.encode(), registration.shown(begun.payload["sections"]).encode()):
                raise Refused("content_changed")
            return wire.statement(begun)
    raise Refused("bad_request", "expected exactly shown")


async def finish(request: web.Request) -> web.Response:
    """{statement: base64 CMS} → {next, and companyId once there is one}. The identical CMS again gets the same."""
    visit, name = await session.login(request), request.match_info["procedure"]
    done = await _procedure(request).finish(visit, await wire.cms(request))
    _log.info("accepted", extra={"facts": {"procedure": name, "companyId": done.company_id, "state": done.state}})
    told = {} if done.state is State.PROVISIONAL else {"companyId": done.company_id}
    return web.json_response({"next": _COMPLETE[name], **told})


_COMPLETE = {"registration": registration.COMPLETE, "change": change.COMPLETE}


def _procedure(request: web.Request) -> Registrar | Changes:
    portal = request.app[PORTAL]
    return portal.changes if request.match_info["procedure"] == "change" else portal.registrar
