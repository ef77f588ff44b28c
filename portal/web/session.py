"""The visit behind a request: its cookie, and whether someone has logged in."""

from __future__ import annotations

from aiohttp import web

from portal.refusals import Refused
from portal.store import Session
from portal.web.keys import PORTAL, SESSION

# RFC 6265bis §4.1.3.2: a browser takes a __Host- cookie only from this host, over TLS and for every path of it.
COOKIE = "__Host-portal"


async def find(request: web.Request) -> Session | None:
    """The visit of this request's cookie; None without one, or when it is over."""
    if SESSION in request:
        return request[SESSION]
    given = request.cookies.get(COOKIE)
    found = await request.app[PORTAL].visits.find(given) if given else None
    if found is not None:
        request[SESSION] = found
    return found


async def lapsed(request: web.Request) -> Session | None:
    """The visit of this request's cookie when lack of use has ended it within the last day."""
    given = request.cookies.get(COOKIE)
    return await request.app[PORTAL].visits.lapsed(given) if given else None


async def visit(request: web.Request) -> Session:
    """The visit of this request, logged in or not. Raises Refused (session_ended)."""
    found = await find(request)
    if found is None:
        raise Refused("session_ended")
    return found


async def login(request: web.Request) -> Session:
    """The visit of someone who has logged in. Raises Refused (login_required, session_ended)."""
    found = await find(request)
    if found is None:
        raise Refused("session_ended" if COOKIE in request.cookies else "login_required")
    if found.certificate is None:
        raise Refused("login_required")
    return found


def give(response: web.StreamResponse, session: Session) -> None:
    """Hands the visit to the browser, until it closes."""
    response.set_cookie(COOKIE, session.id, path="/", secure=True, httponly=True, samesite="Strict")


def take(response: web.StreamResponse) -> None:
    """Takes the visit's cookie back."""
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
