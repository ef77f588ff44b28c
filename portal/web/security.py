"""What holds for every request and every answer: headers, the sender's origin, the visit's CSRF token."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from portal.refusals import Refused
from portal.store import Session
from portal.web import rescue, session, typed
from portal.web.keys import PORTAL, SETTINGS, Handler
from portal.web.officers import session as officers

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"

# The bridge listens on one of several loopback ports (docs/protocol.md), hence the two port wildcards; the link that
# starts it is followed in a frame, which holds nothing else (docs/decisions/0043-a-link-that-carries-nothing.md).
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "connect-src 'self' https://localhost:* wss://localhost:*",
        "frame-src card-bridge:",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: under that, browsers send forms with "Origin: null" (Fetch §3.2)
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TRY_REQUEST, TRY_STATEMENT = "/developers/request", "/developers/statement"
# POSTs that change and keep nothing, of whoever comes: verifying a file, trying a signature. Their sender's origin is
# checked, and there is no visit whose token could be (docs/decisions/0014-verification-without-a-visit.md).
STATELESS = frozenset({"/verification", "/verification/content", TRY_REQUEST, TRY_STATEMENT})
END = "/registration/end"
"""終了: a page whose visit is over, or whose place a new login took, ends what there is to end."""
_TWO_YEARS = 63_072_000
_SAFE = frozenset({"GET", "HEAD"})


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """on_response_prepare: every answer carries them, refusals too."""
    response.headers.update(_HEADERS)
    response.headers["Strict-Transport-Security"] = _transport(request.app[SETTINGS].site.origin)
    # Static files have validators and no one's data; anything else may show what a person typed.
    static = request.path.startswith("/static/")
    response.headers["Cache-Control"] = "no-cache" if static else "no-store"


@lru_cache(maxsize=4)  # the settings' one, for each answer
def _transport(origin: str) -> str:
    # RFC 6797 §8.3: HSTS holds for every port of a host. On localhost it would cut the person's browser off from
    # all other programs' http pages, so there the header says that there is no such rule.
    host = urlsplit(origin).hostname or ""
    return "max-age=0" if _loopback(host) else f"max-age={_TWO_YEARS}"


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets a POST through that one of our own pages sent; of this very visit, but for STATELESS. Raises Refused."""
    if request.method not in _SAFE:
        if request.headers.getall("Origin", []) != [request.app[SETTINGS].site.origin]:
            raise Refused("origin_refused")
        if officers.concerns(request.path):
            await _check_officer(request)
        elif request.path not in STATELESS:
            await _check_token(request)
    return await handler(request)


async def _check_token(request: web.Request) -> None:
    given, visit = await _token(request), await session.find(request)
    if visit is None:
        await _check_ended(request, given)
    elif not _same(given, visit.csrf):
        await _check_replaced(request, given, visit)


async def _check_officer(request: web.Request) -> None:
    visit = await officers.find(request)
    if visit is None:
        raise Refused("officer_session_ended")
    if not _same(await _token(request), visit.csrf):
        raise Refused("officer_page_stale")


async def _check_ended(request: web.Request, given: str) -> None:
    ended = await session.lapsed(request)
    if ended is not None:
        await _keep(request, given, [ended, *await request.app[PORTAL].visits.before(ended)])
    if request.path != END:
        raise Refused("session_ended")


async def _check_replaced(request: web.Request, given: str, visit: Session) -> None:
    if not await _keep(request, given, await request.app[PORTAL].visits.before(visit)):
        raise Refused("page_stale")
    if request.path != END:
        raise Refused("login_renewed")


async def _keep(request: web.Request, given: str, visits: Iterable[Session]) -> bool:
    """Whether this is the page of one of these visits, which are over; then what was typed in it is kept."""
    whose = [each for each in visits if _same(given, each.csrf)]
    for visit in whose:
        await rescue.keep(request, visit)
    return bool(whose)


async def _token(request: web.Request) -> str:
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.content_type == typed.FORM:
        given = str((await request.post()).get(CSRF_FIELD, ""))
    return given or ""


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())
