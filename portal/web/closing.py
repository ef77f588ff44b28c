"""The door outside 利用時間: who is let on, and what everybody else is told."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from portal import hours
from portal.hours import Hours
from portal.refusals import Refused
from portal.store import Session
from portal.web import board, developers, guide, rescue, security, session
from portal.web.keys import PORTAL, Handler
from portal.web.officers import session as officers

# What informs, checks the PC or a file, or ends a visit is open at any hour; every other address is the procedure's.
ALWAYS = frozenset(
    {
        *("/", "/print", guide.FIRST_TIME, guide.SETUP, guide.ACCESSIBILITY, "/preparing/{name}"),
        *("/registration", "/api/clock"),  # 動作確認
        *security.STATELESS,  # 検証機能, and trying a signature
        *(developers.ENTRANCE, developers.PAGE),
        *(security.END, "/ended", "/api/visit"),
        *("/static", "/static/card-bridge.js"),
    }
)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets the procedure's addresses be used in its hours, and finished a while after.

    Raises Refused (closed …, emergency_stop).
    """
    if board.shown(request).emergency is not None and not _through(request):
        await _stop(request)
    if _procedure(request) and not hours.is_open(board.hours(request), request.app[PORTAL].now()):
        await _finish_or_leave(request)
    return await handler(request)


def _through(request: web.Request) -> bool:
    """What an emergency stop leaves open: the officers' pages, and ending a visit."""
    return officers.concerns(request.path) or request.path in (security.END, "/ended") or _file(request)


def _file(request: web.Request) -> bool:
    return request.path.startswith("/static/")


async def _stop(request: web.Request) -> None:
    """Nothing more begins or goes on; what was typed is kept. Raises Refused (emergency_stop)."""
    visit = await session.find(request)
    if visit is not None:
        await rescue.keep(request, visit)
    raise Refused("emergency_stop")


async def _finish_or_leave(request: web.Request) -> None:
    rule, now = board.hours(request), request.app[PORTAL].now()
    visit = await session.find(request)
    if visit is not None and visit.certificate is not None and _goes_on(rule, now, visit):
        return
    if visit is not None:
        await rescue.keep(request, visit)
    opens = hours.next_opening(rule, now)
    raise Refused("closed" if opens is not None else "closed_indefinitely", when=opens)


def _goes_on(rule: Hours, now: datetime, visit: Session) -> bool:
    return hours.admits(rule, now, visit.created, extended=visit.extended)


def _procedure(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    if officers.concerns(request.path):  # the agency's own work has its own hours
        return False
    return resource is not None and resource.canonical not in ALWAYS  # None: there is no such address
