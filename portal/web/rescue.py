"""What a person had typed when time ended, kept before they are told: nothing typed is ever lost."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from portal.refusals import Refused
from portal.service import Portal
from portal.store import Session
from portal.web import change, registration, search, typed
from portal.web.keys import PORTAL

Keeper = Callable[[Portal, Session, Mapping[str, str]], Awaitable[None]]

_KEEPERS: dict[str, Keeper] = {
    registration.SEARCH: lambda portal, visit, given: portal.search.keep(visit, given),
    search.KEEP: lambda portal, visit, given: portal.search.keep(visit, given),
    registration.FORM: lambda portal, visit, given: portal.drafts.keep_form(visit, given),
    registration.KEEP: lambda portal, visit, given: portal.drafts.keep_form(visit, given),
    change.FORM: lambda portal, visit, given: portal.changes.keep(visit, given),
    change.KEEP: lambda portal, visit, given: portal.changes.keep(visit, given),
}
"""Address of a form → what keeps its fields as typed, unchecked."""


async def keep(request: web.Request, visit: Session) -> None:
    """Keeps what this POST of that visit's own page carries, if it comes from a form and somebody had logged in."""
    keeper = _KEEPERS.get(request.path)
    form = request.method == "POST" and request.content_type == typed.FORM
    if form and keeper is not None and visit.certificate is not None:
        with contextlib.suppress(Refused):  # a card without a registration has no change to keep
            await keeper(request.app[PORTAL], visit, await typed.read(request))
