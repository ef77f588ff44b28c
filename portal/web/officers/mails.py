"""メール: what the portal has written and how it went, and sending one again."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from aiohttp import web

from portal.refusals import Refused
from portal.store.mail_rows import MailState
from portal.web import typed
from portal.web.keys import PORTAL
from portal.web.officers import pages, session
from portal.web.paging import page_number

MAILS, MAIL, AGAIN = "/officers/mails", "/officers/mails/{id}", "/officers/mails/{id}/again"
MAX_ADDRESS = 254  # RFC 5321 §4.5.3.1.3
STATES = {
    MailState.WAITING: "送信待ち",
    MailState.SENT: "送信済み",
    MailState.REFUSED: "宛先に拒まれました",
    MailState.FAILED: "送信をあきらめました",
}


async def mails(request: web.Request) -> web.Response:
    """The outbox, newest first, by the beginning of an address and by state."""
    await session.login(request)
    recipient = request.query.get("recipient", "").strip()[:MAX_ADDRESS]
    chosen = request.query.get("state", "")
    state = MailState(chosen) if chosen in STATES else None
    number = max(page_number(request.query.get("page", "")), 1)
    context = {
        "mails": await request.app[PORTAL].office.mails(recipient, state, number),
        "recipient": recipient,
        "state": state,
        "limit": MAX_ADDRESS,
        "query": urlencode({"recipient": recipient, "state": state or ""}),
    }
    return pages.render(request, "mails.html", {**context, "states": STATES})


async def mail(request: web.Request) -> web.Response:
    """One mail."""
    await session.login(request)
    found = await request.app[PORTAL].office.mail(_number(request))
    context = {"mail": found, "states": STATES, "once": secrets.token_hex(8), "done": "done" in request.query}
    return pages.render(request, "mail.html", context)


async def again(request: web.Request) -> web.Response:
    """It goes out once more."""
    visit, _ = await session.login(request)
    number = _number(request)
    await request.app[PORTAL].office.send_again(visit, number, await typed.read(request))
    raise web.HTTPSeeOther(f"/officers/mails/{number}?done")


def _number(request: web.Request) -> int:
    """Raises Refused (mail_unknown)."""
    given = request.match_info["id"]
    if not (given.isascii() and given.isdecimal() and len(given) <= 12):
        raise Refused("mail_unknown")
    return int(given)
