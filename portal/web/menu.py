"""利用者登録メニュー: a visit begins here, and each of its businesses with a login by card."""

from __future__ import annotations

from aiohttp import web

from portal.refusals import Refused
from portal.registration import holder
from portal.registration.purposes import Purpose
from portal.store import Session
from portal.web import change, inquiry, pages, registration, renewal, selection, session
from portal.web.keys import PORTAL, SESSION, SETTINGS

PAGES = {
    Purpose.REGISTRATION: registration.SEARCH,
    Purpose.CHANGE: change.FORM,
    Purpose.RENEWAL: renewal.RENEWAL,
    Purpose.INQUIRY: inquiry.INQUIRY,
}
"""Where a login for a purpose leads."""


async def menu(request: web.Request) -> web.StreamResponse:
    """The menu. Whoever comes without a visit gets one."""
    found = await session.find(request)
    if found is None and request.headers.get("Sec-Fetch-Site") == "cross-site":
        # A SameSite=Strict cookie stays behind on a link from another site: a new visit would overwrite a live login.
        raise web.HTTPSeeOther("/registration")
    category = await selection.category(request)
    visit = request[SESSION] = found or await request.app[PORTAL].visits.start()
    here = visit.certificate is not None and visit.category == category
    context = {
        "purposes": list(Purpose),
        "category": category,
        "lowest_bridge": request.app[SETTINGS].checks.bridge_version,
        "card": holder.card(visit) if here else None,
        "begun": visit.purpose,
        "goes_on": await _goes_on(request, visit),
    }
    response = pages.render(request, "menu.html", {**context, "pages": PAGES})
    if found is None:
        session.give(response, visit)
    return response


async def _goes_on(request: web.Request, visit: Session) -> Purpose | None:
    """Where the card that logged in can go on: what it logged in for, or what is left for it to do."""
    if visit.certificate is None:
        return None
    registered = await request.app[PORTAL].registrar.registration(visit) is not None
    if not registered:
        return Purpose.REGISTRATION
    return Purpose.INQUIRY if visit.purpose is Purpose.REGISTRATION else visit.purpose


def purpose(request: web.Request) -> Purpose:
    """The purpose in the request's address. Raises Refused (not_found)."""
    try:
        return Purpose(request.match_info["purpose"])
    except ValueError as error:
        raise Refused("not_found") from error
