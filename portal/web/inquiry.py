"""照会・再印刷: what is registered for the card, at any time, and 利用者情報 to print."""

from __future__ import annotations

from aiohttp import web

from portal.form import sections
from portal.web import change, pages, registration, session
from portal.web.keys import PORTAL

INQUIRY, SHEET = "/inquiry", "/registration/sheet"
_BACK = {"registration": registration.COMPLETE, "change": change.COMPLETE}


async def inquiry(request: web.Request) -> web.Response:
    """The registration of the card that logged in. Raises Refused (login_required, …, not_registered)."""
    record = await request.app[PORTAL].inquiry.record(await session.login(request))
    form = sections.registered_form(record.registration)
    return pages.render(request, "inquiry.html", {"record": record, "registration": record.registration, "form": form})


async def sheet(request: web.Request) -> web.Response:
    """利用者情報, one A4 page; with ?from=registration or change, 戻る leads to that completion."""
    found = await registration.registered(request)
    # ICカード情報 stays on the screens, as in the procedure; the 区分 stands in the heading.
    printed = [each for each in sections.registered_sections(found)[:-1] if each["label"] != sections.DIVISION]
    back = _BACK.get(request.query.get("from", ""), INQUIRY)
    return pages.render(request, "sheet.html", {"registration": found, "sections": printed, "back": back})
