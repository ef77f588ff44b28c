"""照会・再印刷: what is registered for the card, at any time."""

from __future__ import annotations

from aiohttp import web

from portal.web import pages, session
from portal.web.keys import PORTAL

INQUIRY = "/inquiry"


async def inquiry(request: web.Request) -> web.Response:
    """The registration of the card that logged in. Raises Refused (login_required, …, not_registered)."""
    record = await request.app[PORTAL].inquiry.record(await session.login(request))
    return pages.render(request, "inquiry.html", {"record": record, "registration": record.registration})
