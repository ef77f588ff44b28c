"""Officers' pages from templates/officers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from portal.web.keys import OFFICER, SETTINGS, TEMPLATES


def render(request: web.Request, template: str, context: Mapping[str, Any], status: int = 200) -> web.Response:
    """A page of this visit. `context` is the template's own; agency, practice and officer are every page's."""
    settings, visit = request.app[SETTINGS], request.get(OFFICER)
    common = {
        "agency": settings.agency,
        "practice": settings.site.practice,
        "csrf": visit.csrf if visit is not None else None,
        "officer": visit.officer if visit is not None else None,
        "until": visit.expires if visit is not None else None,
        "here": request.path,
    }
    text = request.app[TEMPLATES].get_template(f"officers/{template}").render({**common, **context})
    return web.Response(text=text, status=status, content_type="text/html")
