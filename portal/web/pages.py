"""Pages from templates: one environment, one way to render."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.form import sections
from portal.registration import divisions, holder
from portal.registration.validity import Validity, validity
from portal.settings import Settings
from portal.signatures.certificate import TOKYO
from portal.store import Session
from portal.web import dates
from portal.web.ending import ending
from portal.web.keys import PORTAL, SESSION, SETTINGS, TEMPLATES

OFFICE = (
    ("/officers", "検索"),
    ("/officers/mails", "メール"),
    ("/officers/notices", "お知らせと利用日"),
    ("/officers/emergency", "緊急停止"),
    ("/officers/log", "操作の記録"),
)
"""The officers' menu: address and words."""


class Step(NamedTuple):
    """One step of the road, as the bar above the pages names it."""

    name: str
    label: str


STEPS = (
    Step("card", "ICカードの確認"),
    Step("search", "資格審査情報検索"),
    Step("form", "利用者登録"),
    Step("confirm", "登録内容確認"),
    Step("complete", "登録完了"),
)


def environment(settings: Settings) -> Environment:
    """The templates of this package: escaped everywhere, an unknown name is an error."""
    made = Environment(
        loader=PackageLoader("portal.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        tokyo=_tokyo, grouped=_grouped, western=dates.western, era=dates.era, clock=dates.clock, moment=dates.moment
    )
    made.filters["division"] = divisions.label
    made.globals["limits"] = settings.limits
    made.globals["user_section"] = sections.USER
    made.globals["office"] = OFFICE
    return made


def render(request: web.Request, template: str, context: Mapping[str, Any], status: int = 200) -> web.Response:
    """A page of this visit. `context` is the template's own; agency and practice come from the settings."""
    settings, session = request.app[SETTINGS], request.get(SESSION)
    common = {
        "ending": ending(request, session) if session is not None else None,
        "agency": settings.agency,
        "practice": settings.site.practice,
        "csrf": session.csrf if session is not None else None,
        "category": session.category if session is not None else "",
        "steps": STEPS,
        "validity": _validity(request, session),
    }
    text = request.app[TEMPLATES].get_template(template).render({**common, **context})
    return web.Response(text=text, status=status, content_type="text/html")


def _grouped(number: str) -> str:
    """確認番号 as the window shows it: 1234 5678."""
    return f"{number[:4]} {number[4:]}"


def _validity(request: web.Request, session: Session | None) -> Validity | None:
    """How long the card that logged in is still valid."""
    if session is None or session.certificate is None:
        return None
    return validity(holder.card(session), request.app[PORTAL].now(), request.app[SETTINGS].card.expiring_days)


def _tokyo(moment: datetime) -> str:
    return moment.astimezone(TOKYO).strftime("%Y/%m/%d %H:%M")
