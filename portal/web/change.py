"""変更: form, confirmation and completion of a change to what is registered."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from portal.form import differences, fields
from portal.refusals import Invalid, Refused
from portal.registration import holder
from portal.registration.change import Opened
from portal.texts import Text
from portal.web import failures, notices, pages, registration, session, typed
from portal.web.keys import PORTAL
from portal.web.pages import Step
from portal.web.typed import Filled

FORM, CONFIRM, COMPLETE = "/change", "/change/confirm", "/change/complete"
KEEP = "/api/change/keep"
STEPS = (
    Step("card", "ICカードの確認"),
    Step("form", "変更内容の入力"),
    Step("confirm", "変更内容確認"),
    Step("complete", "変更完了"),
)
_TOLD = ("nothing_changed", "changed_meanwhile")  # at the form, whose input is kept


class Moved(NamedTuple):
    """A field that another card changed while this form was open."""

    name: str
    label: str
    before: str
    now: str


class Told(NamedTuple):
    """Why the form does not go on, beside what was typed."""

    text: Text
    inquiry: str
    status: int


async def form(request: web.Request) -> web.Response:
    """What is in force, or as typed so far; with ?check also what is to be corrected."""
    opened = await request.app[PORTAL].changes.open(await session.login(request))
    problems = fields.check_form(opened.form.typed, opened.form.contractor.name) if "check" in request.query else ()
    return _page(request, opened, Filled(opened.form.typed, typed.at_fields(problems)))


async def post_form(request: web.Request) -> web.Response:
    """入力内容確認, 戻る; and, where no script does it in the page, 同じ内容 and taking an offered value."""
    changes, visit, given = request.app[PORTAL].changes, await session.login(request), await typed.read(request)
    if taken := typed.taken(given, fields.form_fields()):
        await changes.keep(visit, given | taken)
        raise web.HTTPSeeOther(f"{FORM}#{next(iter(taken))}")
    match given.get("step"):
        case "back":
            await changes.keep(visit, given)
            raise web.HTTPSeeOther("/registration/menu")
        case "copy":
            await changes.keep(visit, typed.copied(given))
            raise web.HTTPSeeOther(f"{FORM}#section-{fields.CARD.name}")
    try:
        await changes.save(visit, given)
    except Invalid as invalid:
        inquiry = failures.record(request, "form_incomplete", failures.fields(invalid))
        return _page(request, await changes.open(visit), Filled(given, typed.at_fields(invalid.problems), inquiry))
    except Refused as refusal:
        if refusal.code not in _TOLD:
            raise
        return await _told(request, refusal.code, refusal.fact)
    raise web.HTTPSeeOther(CONFIRM)


async def keep_form(request: web.Request) -> web.Response:
    """Keeps the form while it is being typed (page script): 204."""
    await request.app[PORTAL].changes.keep(await session.login(request), await typed.read(request))
    return web.Response(status=204)


async def confirm(request: web.Request) -> web.Response:
    """What will be signed, old and new, with the 確認番号 that the window will show."""
    changes, visit = request.app[PORTAL].changes, await session.login(request)
    try:
        begun = await changes.begin(visit)
    except Invalid as invalid:
        raise web.HTTPSeeOther(f"{FORM}?check=1") from invalid
    sections = begun.payload["sections"]
    context = {
        "sections": sections,
        "changed": differences.changed_labels(sections),
        "others": await changes.others(await registration.registered(request)),
        "shown": registration.shown(sections),
        "certificate": holder.card(visit).sha256,
        "confirmation": begun.confirmation,
        "steps": STEPS,
    }
    return pages.render(request, "change_confirm.html", context)


async def complete(request: web.Request) -> web.Response:
    """What the change came to."""
    changed = await request.app[PORTAL].changes.made(await session.login(request))
    if changed is None:
        raise web.HTTPSeeOther(FORM)
    return pages.render(request, "change_complete.html", {"registration": changed, "steps": STEPS})


async def _told(request: web.Request, code: str, fact: str) -> web.Response:
    """The form with what was typed, and above it why it does not go on."""
    inquiry = failures.record(request, code, fact)
    opened = await request.app[PORTAL].changes.open(await session.login(request))
    refusal = Told(notices.notice(code), inquiry, notices.status(code))
    return _page(request, opened, Filled(opened.form.typed, {}), refusal)


def _page(request: web.Request, opened: Opened, filled: Filled, refusal: Told | None = None) -> web.Response:
    context = {
        "sections": fields.FORM,
        "offers": fields.offers(opened.form.contractor.name),
        "form": opened.form,
        "filled": filled,
        "moved": _moved(opened),
        "others": opened.others,
        "registration": opened.registration,
        "told": refusal,
        "steps": STEPS,
    }
    status = refusal.status if refusal is not None else typed.status(filled)
    return pages.render(request, "change_form.html", context, status)


def _moved(opened: Opened) -> list[Moved]:
    now = opened.registration.form
    return [
        Moved(field.name, f"{section.label}：{field.label}", opened.moved[field.name], now[field.name])
        for section in fields.FORM
        for field in section.fields
        if field.name in opened.moved and field.kind is not fields.Kind.MAIL_AGAIN
    ]
