"""When a visit ends: told on its pages, told again before it happens, and put off when asked (WCAG 2.2.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from aiohttp import web

from portal import hours
from portal.refusals import Refused
from portal.store import Session
from portal.web import board, dates, session
from portal.web.keys import PORTAL, SESSION, SETTINGS


class Ending(NamedTuple):
    """The moments that end a visit: without use, by closing, and by the end of the time to finish after it.

    `closing` is None where nothing closes; `last` where nobody has logged in, so that nothing is to be finished;
    `opens` is when it goes on after `closing`; by `extension` minutes `last` can still be put off. `now` is the
    server's time.
    """

    now: datetime
    session: datetime
    closing: datetime | None
    last: datetime | None
    opens: datetime | None
    extension: int
    warn_session: timedelta
    warn_closing: timedelta

    @property
    def told(self) -> str:
        """The limits in a sentence or two."""
        text = f"この接続は{dates.clock(self.session)}まで有効です（操作を続けると延びます）。"
        if self.closing is None:
            return text
        text += f"本日の利用時間は{dates.clock(self.closing)}までです。"
        if self.last is None:
            return text
        text += f"始めた手続は{dates.clock(self.last)}まで続けられます。"
        return f"{text}終わる前に、一度だけ{self.extension}分延ばせます。" if self.extension else text

    def wire(self) -> dict[str, Any]:
        """For page scripts: {told, now, session, closing, last, opens, extension, warnSession, warnClosing}.

        `extension` is in minutes, a moment is {at: ISO 8601, clock: in words} or null, a span is in milliseconds.
        """
        moments = {name: getattr(self, name) for name in ("now", "session", "closing", "last", "opens")}
        return {
            "told": self.told,
            **{name: None if at is None else _wire(at) for name, at in moments.items()},
            "extension": self.extension,
            "warnSession": self.warn_session // timedelta(milliseconds=1),
            "warnClosing": self.warn_closing // timedelta(milliseconds=1),
        }


def _wire(at: datetime) -> dict[str, str]:
    return {"at": at.isoformat(timespec="milliseconds"), "clock": dates.clock(at), "day": dates.moment(at)}


def ending(request: web.Request, visit: Session) -> Ending:
    """When this visit ends, as things stand."""
    rule, now = board.hours(request), request.app[PORTAL].now()
    closing = hours.closing(rule, now) or hours.closing(rule, visit.created)
    working = visit.certificate is not None
    last = hours.last_call(rule, visit.created, extended=visit.extended) if working else None
    opens = hours.next_opening(rule, closing) if closing is not None else None
    warn = (timedelta(minutes=each.warn_minutes) for each in (request.app[SETTINGS].limits, rule))
    extension = rule.extension_minutes if last is not None and not visit.extended else 0
    return Ending(now, visit.expires, closing, last, opens, extension, *warn)


async def state(request: web.Request) -> web.Response:
    """Ending.wire(); asking prolongs nothing. Raises Refused (session_ended)."""
    given = request.cookies.get(session.COOKIE)
    visit = await request.app[PORTAL].visits.peek(given) if given else None
    if visit is None:
        raise Refused("session_ended")
    return web.json_response(ending(request, visit).wire())


async def extend(request: web.Request) -> web.Response:
    """延長する: gives the visit its whole time again, and answers as `state`. Raises Refused (session_ended)."""
    visit = request[SESSION] = await request.app[PORTAL].visits.extend(await session.visit(request))
    return web.json_response(ending(request, visit).wire())


async def put_off_closing(request: web.Request) -> web.Response:
    """延長する at the end of the time to finish after closing, once; answers as `state`. Raises Refused."""
    visit = request[SESSION] = await request.app[PORTAL].visits.put_off_closing(await session.login(request))
    return web.json_response(ending(request, visit).wire())
