"""The screens of a registration, in the procedure's order: form, confirmation, completion."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from portal.form import fields, sections
from portal.form.sections import Form
from portal.refusals import Invalid, Refused
from portal.registration import holder
from portal.signatures.statement import payload_digest
from portal.store import Registration, Session
from portal.web import failures, pages, session, typed
from portal.web.keys import PORTAL
from portal.web.typed import Filled

SEARCH, FORM, CONFIRM, COMPLETE = (
    "/registration/search",
    "/registration/form",
    "/registration/confirm",
    "/registration/complete",
)
KEEP = "/api/registration/keep"


# 利用者登録


async def form(request: web.Request) -> web.Response:
    """The form as typed so far; with ?check also what is to be corrected."""
    opened = await request.app[PORTAL].drafts.form(await registering(request))
    problems = fields.check_form(opened.typed, opened.contractor.name) if "check" in request.query else ()
    return _form_page(request, opened, Filled(opened.typed, typed.at_fields(problems)))


async def post_form(request: web.Request) -> web.Response:
    """入力内容確認, 戻る; and, where no script does it in the page, 同じ内容 and taking an offered value."""
    portal, visit, given = request.app[PORTAL], await registering(request), await typed.read(request)
    opened = await portal.drafts.form(visit)
    if taken := typed.taken(given, fields.form_fields()):
        await portal.drafts.keep_form(visit, given | taken)
        raise web.HTTPSeeOther(f"{FORM}#{next(iter(taken))}")
    match given.get("step"):
        case "back":
            await portal.drafts.keep_form(visit, given)
            raise web.HTTPSeeOther(SEARCH)
        case "copy":
            await portal.drafts.keep_form(visit, typed.copied(given))
            raise web.HTTPSeeOther(f"{FORM}#section-{fields.CARD.name}")
    try:
        await portal.drafts.save_form(visit, given)
    except Invalid as invalid:
        return _form_page(request, opened, refused(request, given, invalid))
    raise web.HTTPSeeOther(CONFIRM)


async def keep_form(request: web.Request) -> web.Response:
    """Keeps the form while it is being typed (page script): 204."""
    await request.app[PORTAL].drafts.keep_form(await registering(request), await typed.read(request))
    return web.Response(status=204)


def _form_page(request: web.Request, opened: Form, filled: Filled) -> web.Response:
    offers = fields.offers(opened.contractor.name)
    context = {"sections": fields.FORM, "form": opened, "filled": filled, "offers": offers}
    return pages.render(request, "form.html", context, typed.status(filled))


# 登録内容確認


async def confirm(request: web.Request) -> web.Response:
    """What will be signed, with the 確認番号 that the window will show."""
    visit = await registering(request)
    try:
        begun = await request.app[PORTAL].registrar.begin(visit)
    except Invalid as invalid:
        raise web.HTTPSeeOther(f"{FORM}?check=1") from invalid
    content = begun.payload["sections"]
    context = {
        "sections": content,
        "form": await request.app[PORTAL].drafts.form(visit),
        "shown": shown(content),
        "certificate": holder.card(visit).sha256,
        "confirmation": begun.confirmation,
    }
    return pages.render(request, "confirm.html", context)


def shown(content: list[Any]) -> str:
    """What the confirmation page names its content by: SHA-256 of its canonical form, hex."""
    return payload_digest({"sections": content}).hex()


# 完了


async def complete(request: web.Request) -> web.Response:
    found = await registered(request)
    return pages.render(request, "complete.html", {"registration": found, "form": sections.registered_form(found)})


# Inside


async def registering(request: web.Request) -> Session:
    """The visit of a card that may still be registered. Raises Refused (login_required, …, already_registered)."""
    visit = await session.login(request)
    if await request.app[PORTAL].registrar.registration(visit) is not None:
        raise Refused("already_registered")
    return visit


async def registered(request: web.Request) -> Registration:
    """The registration of the card that logged in. Raises Refused (login_required, …, not_registered)."""
    registration = await request.app[PORTAL].registrar.registration(await session.login(request))
    if registration is None:
        raise Refused("not_registered")
    return registration


def refused(request: web.Request, given: dict[str, str], invalid: Invalid) -> Filled:
    """What was typed with its problems, which the log knows by their 問い合わせ番号."""
    inquiry = failures.record(request, "form_incomplete", failures.fields(invalid))
    return Filled(given, typed.at_fields(invalid.problems), inquiry)
