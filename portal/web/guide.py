"""What people need before they begin: 初めての方へ with the published list, a PC's preparation, the promise to all."""

from __future__ import annotations

from aiohttp import web

from portal.search.settings import Numbers
from portal.web import pages
from portal.web.keys import PORTAL, SETTINGS
from portal.web.paging import page_number

FIRST_TIME, SETUP, ACCESSIBILITY = "/first-time", "/setup", "/accessibility"
_WORDS = 100  # characters of a search; a company's name has at most 40


async def first_time(request: web.Request) -> web.Response:
    """初めての方へ, with one page of the list where the agency publishes it."""
    settings, words = request.app[SETTINGS], request.query.get("words", "")[:_WORDS].strip()
    published = settings.search.numbers is Numbers.PUBLISHED
    number = page_number(request.query.get("page", ""))
    page = await request.app[PORTAL].publication.page(words, number) if published else None
    context = {"words": words, "page": page, "bridge": settings.entrance.bridge}
    return pages.render(request, "first_time.html", context)


async def setup(request: web.Request) -> web.Response:
    """パソコンの準備."""
    settings = request.app[SETTINGS]
    return pages.render(request, "setup.html", {"bridge": settings.entrance.bridge, "origin": settings.site.origin})


async def accessibility(request: web.Request) -> web.Response:
    """ウェブアクセシビリティ方針."""
    settings = request.app[SETTINGS]
    return pages.render(
        request, "accessibility.html", {"policy": settings.accessibility, "origin": settings.site.origin}
    )
