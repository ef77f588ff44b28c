"""The route table: every address of the portal."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from aiohttp import web

from portal.settings import Settings, SettingsError
from portal.web import (
    api,
    change,
    developers,
    ending,
    entrance,
    guide,
    inquiry,
    menu,
    registration,
    renewal,
    search,
    security,
    selection,
    verification,
)
from portal.web.officers import routes as officers


def table(settings: Settings) -> list[web.AbstractRouteDef]:
    """All routes. Raises SettingsError when the page scripts' client is not to be found."""
    script = client_script(settings)

    async def client(_: web.Request) -> web.FileResponse:
        return web.FileResponse(script, headers={"Content-Type": "text/javascript; charset=utf-8"})

    return [
        web.get("/", entrance.entrance),
        web.get("/print", entrance.entrance_print),
        web.get(guide.FIRST_TIME, guide.first_time),
        web.get(guide.SETUP, guide.setup),
        web.get(guide.ACCESSIBILITY, guide.accessibility),
        web.get("/divisions", selection.divisions),
        web.get("/divisions/{division}", selection.business),
        web.get("/preparing/{name}", selection.preparing),
        web.get("/ended", entrance.ended),
        web.get("/registration", entrance.start),
        web.get("/registration/menu", menu.menu),
        web.get(registration.SEARCH, search.search),
        web.post(registration.SEARCH, search.post_search),
        web.get(registration.FORM, registration.form),
        web.post(registration.FORM, registration.post_form),
        web.get(registration.CONFIRM, registration.confirm),
        web.get(registration.COMPLETE, registration.complete),
        web.get(inquiry.SHEET, inquiry.sheet),
        web.get(inquiry.INQUIRY, inquiry.inquiry),
        web.get(change.FORM, change.form),
        web.post(change.FORM, change.post_form),
        web.get(change.CONFIRM, change.confirm),
        web.get(change.COMPLETE, change.complete),
        web.get(verification.RECEIPT, verification.receipt),
        web.post(security.END, entrance.end),
        web.get(verification.PAGE, verification.page),
        web.post(verification.PAGE, verification.verify),
        web.post(verification.CONTENT, verification.content),
        web.get("/api/clock", api.clock),
        web.get("/api/visit", ending.state),
        web.post("/api/visit", ending.extend),
        web.post("/api/visit/closing", ending.put_off_closing),
        web.post("/api/login/{purpose}/begin", api.begin_login),
        web.post("/api/login/{purpose}/finish", api.finish_login),
        web.post(search.KEEP, search.keep_search),
        web.post(registration.KEEP, registration.keep_form),
        web.post(change.KEEP, change.keep_form),
        web.post("/api/{procedure:registration|change}/begin", api.begin),
        web.post("/api/{procedure:registration|change}/finish", api.finish),
        *_renewal(),
        *officers.table(),
        *(developers.routes() if settings.site.practice else ()),
        web.get("/static/card-bridge.js", client),
        web.static("/static", _static()),
    ]


def _renewal() -> list[web.AbstractRouteDef]:
    """ICカード更新."""
    return [
        web.get(renewal.RENEWAL, renewal.renewal),
        web.get(renewal.EXPIRED, renewal.expired),
        web.get(renewal.HANDOVER, renewal.handover),
        web.post(renewal.HANDOVER, renewal.post_handover),
        web.get(renewal.EXCHANGE, renewal.exchange),
        web.get(renewal.CONFIRM, renewal.confirm),
        web.get(renewal.COMPLETE, renewal.complete),
        web.post("/api/renewal/handover/begin", renewal.begin_handover),
        web.post("/api/renewal/handover/finish", renewal.finish_handover),
        web.post("/api/renewal/announce", renewal.announce),
        web.post("/api/renewal/acceptance/begin", renewal.begin_acceptance),
        web.post("/api/renewal/acceptance/finish", renewal.finish_acceptance),
    ]


def client_script(settings: Settings) -> Path:
    """card-bridge.js: the one of the settings, the packaged one, or that of the source tree."""
    own = settings.site.client_script
    repository = Path(__file__).resolve().parents[2] / "client" / "card-bridge.js"
    for path in [own] if own is not None else [_static() / "card-bridge.js", repository]:
        if path.is_file():
            return path
    raise SettingsError(f"site.client_script: no card-bridge.js at {own or repository}")


def _static() -> Path:
    return Path(str(resources.files("portal.web"))) / "static"
