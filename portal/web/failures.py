"""From a refusal to what a person sees: a page, or problem+json (RFC 9457) for page scripts.

Each carries a 問い合わせ番号 that is in the log beside the cause. What people typed never gets into either.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web

from portal import texts
from portal.refusals import Invalid, Refused
from portal.signatures import certificate
from portal.store import Unavailable
from portal.store.inquiries import Cause
from portal.web import board, keys, notices, pages
from portal.web.keys import Handler
from portal.web.officers import pages as officer_pages
from portal.web.officers import session as officers
from portal.web.opening import opening

_log = logging.getLogger("portal.web")
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that people misread over the telephone
_SCRIPTS = ("/api/", "/officers/api/", "/developers/request", "/developers/statement")
"""Addresses that page scripts alone call."""
_RETRY_SECONDS = "10"  # what a database needs that is started anew
_HTTP_CODES = {404: "not_found", 405: "method_refused", 413: "too_large"}


@web.middleware
async def failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware: whatever was refused below leaves as a clear answer."""
    try:
        return await handler(request)
    except Refused as refusal:
        return refuse(request, refusal.code, refusal.fact, refusal.when)
    except Invalid as invalid:
        return refuse(request, "form_incomplete", fields(invalid))
    except Unavailable as fault:
        return refuse(request, "store_unavailable", str(fault))
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        return refuse(request, _HTTP_CODES.get(answer.status, "bad_request"))
    except Exception as error:  # the last line of defence: recorded with its place in the code, answered as such
        return refuse(request, "internal", _place(error))


def refuse(request: web.Request, code: str, fact: str = "", when: datetime | None = None) -> web.Response:
    """The answer to a refused request, and its line in the log. `when`: the moment that the code's text names."""
    inquiry = record(request, code, fact)
    answer = _problem if request.path.startswith(_SCRIPTS) else _page
    response = answer(request, code, inquiry, when)
    if response.status == HTTPStatus.SERVICE_UNAVAILABLE and when is not None:
        response.headers["Retry-After"] = format_datetime(when.astimezone(UTC), usegmt=True)
    if code == "store_unavailable":
        response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _page(request: web.Request, code: str, inquiry: str, when: datetime | None) -> web.Response:
    if officers.concerns(request.path):
        return _officers(request, code, inquiry, when)
    text, ways = notices.notice(code, when=when), notices.ways(code, request.path) or (notices.ENTRANCE,)
    # Closed is no error of anybody's: its page informs, and tells the hours.
    hours = opening(request) if code in notices.CLOSED else None
    calls = texts.whom(code) == "agency"
    stop = board.shown(request).emergency if code == "emergency_stop" else None
    context = {"text": text, "inquiry": inquiry, "ways": ways, "opening": hours, "calls": calls, "stop": stop}
    if hours is not None:
        context["ending"] = None  # it has come
    return pages.render(request, "refused.html", context, status=notices.status(code))


def _officers(request: web.Request, code: str, inquiry: str, when: datetime | None) -> web.Response:
    told = {"text": notices.notice(code, when=when), "ways": notices.ways(code, request.path)}
    return officer_pages.render(request, "refused.html", {**told, "inquiry": inquiry}, notices.status(code))


def record(request: web.Request, code: str, fact: str = "") -> str:
    """Writes the cause into the log under a new 問い合わせ番号, which it gives back (e.g. K7M2-9QXD)."""
    request[keys.REFUSAL] = code
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    inquiry = f"{letters[:4]}-{letters[4:]}"
    line = {"inquiry": inquiry, "code": code, "method": request.method, "path": route(request), "fact": fact}
    level = logging.ERROR if code == "internal" else logging.INFO
    _log.log(level, "refused", extra={"facts": line})
    visit = request.get(keys.SESSION)
    if visit is not None:  # who was never given a visit cannot fill the database by asking for pages
        card = certificate.fingerprint(visit.certificate) if visit.certificate is not None else ""
        request.app[keys.PORTAL].told(Cause(inquiry, code, route(request), fact, card, visit.category))
    return inquiry


def fields(invalid: Invalid) -> str:
    """For the log: which fields, never their values."""
    return ",".join(problem.field for problem in invalid.problems)


def route(request: web.Request) -> str:
    """For the log: the address as the route table knows it; one that it does not know may hold anything."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(unknown)"


def _problem(request: web.Request, code: str, inquiry: str, when: datetime | None) -> web.Response:
    text, ways = notices.notice(code, language(request), when), notices.ways(code, request.path)
    stop = board.shown(request).emergency if code == "emergency_stop" else None
    if stop is not None:
        text = text._replace(detail=stop.en if language(request) == "en" else stop.ja)
    body: dict[str, Any] = {
        "type": f"urn:card-bridge:problem:{code}",
        "status": notices.status(code),
        "code": code,
        **text._asdict(),
        "inquiry": inquiry,
    }
    if texts.whom(code) == "agency":
        contact = request.app[keys.SETTINGS].agency.contact
        body["contact"] = {"department": contact.department, "telephone": contact.telephone}
    if ways:
        body["next"] = ways[0]._asdict()
    return web.json_response(body, status=body["status"], content_type="application/problem+json")


def language(request: web.Request) -> str:
    """`en` or `ja`: what the browser would rather read."""
    first = request.headers.get("Accept-Language", "ja").split(",")[0].strip().lower()
    return "en" if first == "en" or first.startswith("en-") else "ja"


def _place(error: Exception) -> str:
    # The exception's own text may quote what someone typed; its class and the lines of code it passed do not.
    steps = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__)))
    return f"{type(error).__name__} at {steps}"
