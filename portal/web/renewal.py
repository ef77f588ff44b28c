"""ICカード更新: explanation, hand-over by the old card, exchange, acceptance by the new card, completion.

An expired card does not log in; where the agency lets it hand over, its pages come by way of EXPIRED, and the same
visit goes on without a login until the new card has accepted.
"""

from __future__ import annotations

import base64
import hmac
import logging
from typing import Any, NamedTuple

from aiohttp import web

from portal.refusals import Refused
from portal.renewal.settings import ExpiredCard
from portal.signatures import certificate
from portal.signatures.certificate import CertificateView
from portal.signatures.statement import payload_digest
from portal.texts import Text
from portal.web import failures, notices, pages, selection, session, typed, wire
from portal.web.keys import PORTAL, SETTINGS
from portal.web.pages import Step

RENEWAL, EXPIRED, HANDOVER, EXCHANGE, CONFIRM, COMPLETE = (
    "/renewal",
    "/renewal/expired",
    "/renewal/handover",
    "/renewal/exchange",
    "/renewal/confirm",
    "/renewal/complete",
)
STEPS = (
    Step("prepare", "説明と準備"),
    Step("handover", "旧カードの引継ぎ"),
    Step("exchange", "差し替え"),
    Step("confirm", "新カードの確認"),
    Step("complete", "更新完了"),
)
_log = logging.getLogger("portal.web")


class Unfit(NamedTuple):
    """Why a card that was in a second reader cannot be the new one; `inquiry` is its 問い合わせ番号."""

    text: Text
    inquiry: str


class Cards(NamedTuple):
    """Certificates (DER) that the page read from readers: the expired old card's, and the new card's if it is there.

    `category` is the 区分 of an expired card's hand-over.
    """

    old: bytes | None
    new: bytes | None
    category: str


async def renewal(request: web.Request) -> web.Response:
    """What an exchange needs and changes, for the card that logged in."""
    visit, renewals = await session.login(request), request.app[PORTAL].renewals
    card = await renewals.handovers.card(visit)
    context = {"card": card, "exchange": await renewals.acceptances.waiting(visit)}
    return _page(request, "renewal.html", context)


async def expired(request: web.Request) -> web.Response:
    """The same for an expired card, which shows itself on the next page. Raises Refused (old_card_expired)."""
    await session.visit(request)
    if request.app[SETTINGS].renewal.expired_old_card is ExpiredCard.REFUSE:
        raise Refused("old_card_expired")
    return _page(request, "renewal_expired.html", {"category": await selection.category(request)})


# 旧ICカードの引継ぎ


async def handover(request: web.Request) -> web.Response:
    return await _handover_page(request, Cards(None, None, ""))


async def post_handover(request: web.Request) -> web.Response:
    """With the certificates of the cards that are in readers now."""
    given = await typed.read(request)
    old, new, division = (given.get(name, "") for name in ("old", "new", "division"))
    return await _handover_page(request, _cards(request, old, new, division))


async def _handover_page(request: web.Request, cards: Cards) -> web.Response:
    handovers, visit = request.app[PORTAL].renewals.handovers, await session.visit(request)
    card = await handovers.card(visit, cards.old)
    cards, unfit = await _fitting(request, card, cards)
    begun = await handovers.begin(visit, *cards)
    context = {
        "sections": begun.payload["sections"],
        "shown": shown(begun.payload["sections"]),
        "confirmation": begun.confirmation,
        "certificate": card.sha256,
        "old": _encoded(cards.old),
        "new": _encoded(cards.new),
        "category": cards.category,
        "unfit": unfit,
        "minutes": request.app[SETTINGS].renewal.handover_minutes,
    }
    return _page(request, "renewal_handover.html", context)


async def _fitting(request: web.Request, card: CertificateView, cards: Cards) -> tuple[Cards, Unfit | None]:
    """The cards without a new one that may not take over, and why it may not: it need not be the new card at all."""
    visit = await session.visit(request)
    if cards.new is None or visit.certificate is None:
        return cards._replace(new=None), None
    try:
        await request.app[PORTAL].renewals.examination.successor(card, cards.new, visit.category)
    except Refused as refusal:
        inquiry = failures.record(request, refusal.code, refusal.fact)
        return cards._replace(new=None), Unfit(notices.notice(refusal.code), inquiry)
    return cards, None


async def begin_handover(request: web.Request) -> web.Response:
    """{shown, old, new: base64 DER or empty, division: of an expired card} → the hand-over to sign."""
    visit = await session.visit(request)
    match await wire.body(request):
        case {"shown": str(seen), "old": str(old), "new": str(new), "division": str(division), **rest} if not rest:
            cards = _cards(request, old, new, division)
            begun = await request.app[PORTAL].renewals.handovers.begin(visit, *cards)
            _check_shown(seen, begun.payload["sections"])
            return wire.statement(begun)
    raise Refused("bad_request", "expected exactly shown, old, new and division")


async def finish_handover(request: web.Request) -> web.Response:
    """{statement: base64 CMS} → {next}."""
    visit = await session.visit(request)
    await request.app[PORTAL].renewals.handovers.finish(visit, await wire.cms(request))
    _log.info("handed over", extra={"facts": {}})
    return web.json_response({"next": EXCHANGE})


# ICカードの差し替え


async def exchange(request: web.Request) -> web.Response:
    """差し替えてください: the page script watches the readers."""
    waiting = await request.app[PORTAL].renewals.acceptances.exchange(await session.visit(request))
    return _page(request, "renewal_exchange.html", {"exchange": waiting})


async def announce(request: web.Request) -> web.Response:
    """{certificate: base64 DER of a card in a reader} → {next, outlives, card} when it may be the new card."""
    acceptances, visit = request.app[PORTAL].renewals.acceptances, await session.visit(request)
    match await wire.body(request):
        case {"certificate": str(encoded), **rest} if not rest:
            found = await acceptances.announce(visit, wire.decoded(encoded))
            return web.json_response({"next": CONFIRM, "outlives": found.outlives, "card": _shown_card(found.new)})
    raise Refused("bad_request", "expected exactly certificate")


def _shown_card(card: CertificateView) -> dict[str, str]:
    return {
        "organization": card.organization or "",
        "holder": card.holder or "",
        "serial": card.serial,
        "expiry": card.expiry,
    }


# 新ICカードの確認


async def confirm(request: web.Request) -> web.Response:
    """What the new card will sign, with the 確認番号 that the window will show."""
    acceptances, visit = request.app[PORTAL].renewals.acceptances, await session.visit(request)
    review = await acceptances.review(visit)
    begun = await acceptances.begin(visit)
    context = {
        "pair": review.pair,
        "sections": begun.payload["sections"],
        "shown": shown(begun.payload["sections"]),
        "confirmation": begun.confirmation,
        "certificate": review.pair.new.sha256,
    }
    return _page(request, "renewal_confirm.html", context)


async def begin_acceptance(request: web.Request) -> web.Response:
    """{shown: what the confirmation page names its content by} → the acceptance to sign."""
    visit = await session.visit(request)
    match await wire.body(request):
        case {"shown": str(seen), **rest} if not rest:
            begun = await request.app[PORTAL].renewals.acceptances.begin(visit)
            _check_shown(seen, begun.payload["sections"])
            return wire.statement(begun)
    raise Refused("bad_request", "expected exactly shown")


async def finish_acceptance(request: web.Request) -> web.Response:
    """{statement: base64 CMS} → {next, companyId}, and the new card's cookie; the identical CMS gets the same."""
    visit = await session.visit(request)
    done = await request.app[PORTAL].renewals.acceptances.finish(visit, await wire.cms(request))
    _log.info("renewed", extra={"facts": {"companyId": done.registration.company_id}})
    response = web.json_response({"next": COMPLETE, "companyId": done.registration.company_id})
    session.give(response, done.session)
    return response


async def complete(request: web.Request) -> web.Response:
    """更新完了, for the new card."""
    new, old = await request.app[PORTAL].renewals.acceptances.done(await session.login(request))
    context = {
        "registration": new,
        "old": certificate.read(old.certificate),
        "new": certificate.read(new.certificate),
    }
    return _page(request, "renewal_complete.html", context)


# Inside


def shown(sections: list[Any]) -> str:
    """What a page names its content by: SHA-256 of its canonical form, hex."""
    return payload_digest({"sections": sections}).hex()


def _check_shown(seen: str, sections: list[Any]) -> None:
    # Another tab may have gone on since: nobody signs what their page did not show.
    if not hmac.compare_digest(seen.encode(), shown(sections).encode()):
        raise Refused("renewal_changed")


def _page(request: web.Request, template: str, context: dict[str, Any]) -> web.Response:
    return pages.render(request, template, {"steps": STEPS, **context})


def _cards(request: web.Request, old: str, new: str, division: str) -> Cards:
    # Only an expired card, which has not logged in, names a 区分 here.
    return Cards(_certificate(old), _certificate(new), selection.given(request, division) if old else "")


def _certificate(encoded: str) -> bytes | None:
    return wire.decoded(encoded) if encoded else None


def _encoded(der: bytes | None) -> str:
    return base64.b64encode(der).decode() if der is not None else ""
