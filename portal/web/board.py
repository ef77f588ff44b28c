"""What officers put up, beside every request: read once for it, before anything is decided or rendered."""

from __future__ import annotations

from aiohttp import web

from portal.hours import Hours
from portal.officers import office
from portal.store.board_rows import Board
from portal.web.keys import BOARD, PORTAL, SETTINGS, Handler


@web.middleware
async def load(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Puts the board beside the request, but for files that are nobody's."""
    if not request.path.startswith("/static/"):
        request[BOARD] = await request.app[PORTAL].office.board()
    return await handler(request)


def shown(request: web.Request) -> Board:
    """The board; an empty one where it could not be read."""
    return request[BOARD] if BOARD in request else Board()


def hours(request: web.Request) -> Hours:
    """The hours of this portal with its single days."""
    return office.hours(request.app[SETTINGS].hours, shown(request))
