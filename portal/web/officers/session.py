"""The officer's visit behind a request: a cookie of its own, which no bidder's page looks at."""

from __future__ import annotations

from aiohttp import web

from portal.refusals import Refused
from portal.store.officer_rows import Officer, OfficerSession
from portal.web.keys import OFFICER, PORTAL

HOME = "/officers"
COOKIE = "__Host-officer"


def concerns(path: str) -> bool:
    """Whether this is an address of the officers' pages."""
    return path == HOME or path.startswith(f"{HOME}/")


async def find(request: web.Request) -> OfficerSession | None:
    """The visit of this request's cookie; None without one, or when it is over."""
    if OFFICER in request:
        return request[OFFICER]
    given = request.cookies.get(COOKIE)
    found = await request.app[PORTAL].officers.find(given) if given else None
    if found is not None:
        request[OFFICER] = found
    return found


async def visit(request: web.Request) -> OfficerSession:
    """The visit of this request, logged in or not. Raises Refused (officer_session_ended)."""
    found = await find(request)
    if found is None:
        raise Refused("officer_session_ended")
    return found


async def login(request: web.Request) -> tuple[OfficerSession, Officer]:
    """The visit of an officer who has logged in, and who it is.

    Raises Refused (officer_login_required, officer_session_ended).
    """
    found = await find(request)
    if found is None and COOKIE in request.cookies:
        raise Refused("officer_session_ended")
    if found is None or found.officer is None:
        raise Refused("officer_login_required")
    return found, found.officer


def give(response: web.StreamResponse, session: OfficerSession) -> None:
    """Hands the visit to the browser, until it closes."""
    response.set_cookie(COOKIE, session.id, path="/", secure=True, httponly=True, samesite="Strict")


def take(response: web.StreamResponse) -> None:
    """Takes the visit's cookie back."""
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
