"""受理, 不受理, 利用停止 and its lifting: chosen on the registration's page, confirmed and signed on one of its own."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web

from portal.officers import notifying
from portal.refusals import Invalid, Refused
from portal.signatures import certificate
from portal.web import failures, typed, wire
from portal.web.keys import PORTAL
from portal.web.officers import looking, pages, session

DECISION = "/officers/registrations/{reception}/decision"
CHOICE = f"{DECISION}/{{act}}"
BEGIN, FINISH = "/officers/api/decision/begin", "/officers/api/decision/finish"

_log = logging.getLogger("portal.web")


async def choose(request: web.Request) -> web.Response:
    """On to the confirmation; the registration's page again where the reason will not do."""
    visit, _ = await session.login(request)
    reception = await _reception(request)
    given = {**await typed.read(request), "reception": reception}
    try:
        await request.app[PORTAL].decisions.prepare(visit, request.match_info["act"], given)
    except Invalid as invalid:
        inquiry = failures.record(request, "form_incomplete", failures.fields(invalid))
        wrong = {"act": request.match_info["act"], "problems": invalid.problems, "inquiry": inquiry}
        return await looking.registration_page(request, {**wrong, "typed": given.get("reason", "")}, 422)
    # A page of its own address: it can be loaded anew and gone back to, and nothing is chosen twice.
    raise web.HTTPSeeOther(f"{notifying.path(reception)}/decision")


async def confirm(request: web.Request) -> web.Response:
    """What will be signed, with its 確認番号; the registration's page where nothing waits to be signed."""
    visit, _ = await session.login(request)
    reception = await _reception(request)
    asked = await request.app[PORTAL].decisions.chosen(visit, reception)
    if asked is None:
        raise web.HTTPSeeOther(notifying.path(reception))
    assert visit.certificate is not None  # noqa: S101 - who has logged in has one
    context: dict[str, Any] = {
        "asked": asked,
        "registration": asked.registration,
        "sections": asked.request.payload["sections"],
        "certificate": certificate.fingerprint(visit.certificate),
    }
    return pages.render(request, "decision.html", context)


async def _reception(request: web.Request) -> str:
    """The 受付番号 of the address as we write it, however it was typed. Raises Refused (reception_unknown)."""
    found = await request.app[PORTAL].lookup.registration(request.match_info["reception"])
    return found.reception


async def begin(request: web.Request) -> web.Response:
    """{shown: what the confirmation page names its content by} → the decision to sign."""
    visit, _ = await session.login(request)
    match await wire.body(request):
        case {"shown": str(shown), **rest} if not rest:
            return wire.statement(await request.app[PORTAL].decisions.begin(visit, shown))
    raise Refused("bad_request", "expected exactly shown")


async def finish(request: web.Request) -> web.Response:
    """{statement: base64 CMS} → {next}. The identical CMS again gets the same."""
    visit, officer = await session.login(request)
    line = await request.app[PORTAL].decisions.finish(visit, officer, await wire.cms(request))
    _log.info("decided", extra={"facts": {"act": line.act, "reception": line.reception, "officer": officer.id}})
    return web.json_response({"next": f"/officers/registrations/{line.reception}?done={line.act}"})
