"""検索, 登録の詳細 and the evidence under each signed statement, which can be taken away as it was received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from asn1crypto import algos

from portal.form import sections
from portal.officers import decisions, lookup, notifying, reasons
from portal.officers.lookup import MAX_WORDS
from portal.refusals import Refused
from portal.signatures import statement
from portal.signatures.cms import read as read_cms
from portal.store import State, times
from portal.store.officer_rows import Officer
from portal.web import notices
from portal.web.keys import PORTAL
from portal.web.officers import pages, session
from portal.web.paging import page_number

REGISTRATION = notifying.path("{reception}")
STATEMENT = "/officers/registrations/{reception}/statements/{sha256}"
CMS, EVIDENCE = f"{STATEMENT}/cms", f"{STATEMENT}/evidence"

STATES = {
    State.PROVISIONAL: "仮登録（審査待ち）",
    State.REGISTERED: "登録済み",
    State.REPLACED: "更新済み（旧ICカード）",
    State.REFUSED: "不受理",
    State.STOPPED: "利用停止中",
}
ACTS = {
    "registered": "登録",
    "changed": "変更",
    "renewed": "ICカード更新",
    "checked": "失効情報の確認（自動）",
    "accepted": "受理",
    "refused": "不受理",
    "stopped": "利用停止",
    "resumed": "利用停止の解除",
}
DONE = {
    "accepted": "受理しました。登録されたメールアドレスに、受理のお知らせを送ります。",
    "refused": "不受理としました。登録されたメールアドレスに、理由を添えて不受理のお知らせを送ります。",
    "stopped": "このICカードの利用を停止しました。登録されたメールアドレスに、理由を添えてお知らせを送ります。",
    "resumed": "利用停止を解除しました。登録されたメールアドレスにお知らせを送ります。",
}
ALGORITHMS = {"1.2.840.113549.1.1.1": "RSA", "1.2.840.113549.1.1.10": "RSASSA-PSS", "1.2.840.10045.2.1": "ECDSA"}
"""Names of signatureAlgorithm (RFC 3279, RFC 4055) where it is not written with its hash."""
_WITH_HASH = {"rsa": "RSA", "ecdsa": "ECDSA"}
"""And where it is; the hash is shown beside it in any case."""


async def search(request: web.Request) -> web.StreamResponse:
    """The first page: what waits, and the search."""
    await session.login(request)
    words = request.query.get("words", "").strip()
    state = _state(request.query.get("state", ""))
    if lookup.named(words) is not None:
        found = await request.app[PORTAL].lookup.registration(words)
        raise web.HTTPSeeOther(notifying.path(found.reception))
    told = await request.app[PORTAL].lookup.inquiry(words)
    if told is not None:
        return pages.render(request, "inquiry.html", {"told": told, "text": notices.notice(told.inquiry.code)})
    long = len(words) > MAX_WORDS
    number = page_number(request.query.get("page", ""))
    results = None if long else await request.app[PORTAL].lookup.search(words, state, number)
    context = {
        "words": words,
        "state": state,
        "states": STATES,
        "long": long,
        "limit": MAX_WORDS,
        "results": results,
        "waiting": await request.app[PORTAL].lookup.waiting(),
        "query": urlencode({"words": words, "state": state or ""}),
    }
    return pages.render(request, "search.html", context, 422 if long else 200)


async def registration(request: web.Request) -> web.Response:
    """One registration: what is in force, its card, history, the company's other cards; what can be decided."""
    return await registration_page(request, None, 200)


async def registration_page(request: web.Request, wrong: Mapping[str, Any] | None, status: int) -> web.Response:
    """The same; `wrong`: act, problems, inquiry and what was typed of a decision that cannot be taken so."""
    _, officer = await session.login(request)
    sight = await request.app[PORTAL].lookup.sight(request.match_info["reception"])
    context = {"sight": sight, "registration": sight.registration, "form": sections.registered_form(sight.registration)}
    more: dict[str, Any] = {
        "states": STATES,
        "acts": ACTS,
        "kinds": decisions.possible(sight.registration),
        "wrong": wrong,
    }
    done = _done(request.query.get("done", ""), officer, sight) if wrong is None else None
    limit, more["changed"] = reasons.MAX_REASON, times.text(sight.registration.changed)
    return pages.render(request, "registration.html", {**context, **more, "done": done, "limit": limit}, status)


def _done(said: str, officer: Officer, sight: lookup.Sight) -> str | None:
    """What this officer has just done, where the log says so, too: an address can be anybody's."""
    newest = next(iter(sight.log), None)
    return DONE.get(said) if newest is not None and (newest.act, newest.who) == (said, officer.name) else None


async def evidence(request: web.Request) -> web.Response:
    """One signed statement: what it says, who signed, and what its acceptance rests on."""
    found = await _evidence(request)
    signed = read_cms(found.kept.cms)
    said = statement.read(signed.content)
    context = {
        "evidence": found,
        "said": said,
        "signed_at": signed.signing_time,
        "algorithm": _algorithm(found.record["signatureAlgorithm"]),
        "reception": found.reception,
        "size": len(found.kept.cms),
    }
    return pages.render(request, "evidence.html", context)


async def cms(request: web.Request) -> web.Response:
    """The signed statement as it was received (DER)."""
    found = await _evidence(request)
    return _saved(found.kept.cms, f"{found.reception}-{found.kept.sha256[:8]}.p7m", "application/pkcs7-mime")


async def record(request: web.Request) -> web.Response:
    """The evidence as it is stored (JSON)."""
    found = await _evidence(request)
    return _saved(found.kept.evidence.encode(), f"{found.reception}-{found.kept.sha256[:8]}.json", "application/json")


async def _evidence(request: web.Request) -> lookup.Evidence:
    """Raises Refused (statement_unknown) for one that is not of this registration's history."""
    await session.login(request)
    sight = await request.app[PORTAL].lookup.sight(request.match_info["reception"])
    wanted = request.match_info["sha256"]
    if wanted not in {each.cms_sha256 for each in sight.events} | {each.statement for each in sight.log}:
        raise Refused("statement_unknown")
    return await request.app[PORTAL].lookup.evidence(wanted, sight.registration.reception)


def _algorithm(identifier: str) -> str:
    """Its name, and the object identifier where nobody gave it one."""
    native = algos.SignedDigestAlgorithmId(identifier).native
    return ALGORITHMS.get(identifier) or _WITH_HASH.get(native.rpartition("_")[2], native)


def _state(name: str) -> State | None:
    return State(name) if name in STATES else None


def _saved(data: bytes, name: str, kind: str) -> web.Response:
    disposition = f'attachment; filename="{name}"'  # 受付番号 and hex: nothing to be escaped
    return web.Response(body=data, content_type=kind, headers={"Content-Disposition": disposition})
