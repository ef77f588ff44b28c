"""検証機能: the page that verifies a saved receipt or signed document, and the receipt to be saved.

Nothing is changed or kept, and no visit is needed: a POST is let in by its Origin alone (see security.STATELESS).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web

from portal import proxies, texts
from portal.refusals import Invalid, Problem, Refused
from portal.verification.verdicts import Verdict
from portal.web import failures, pages, session, typed, uploads, verdict
from portal.web.keys import PORTAL, SETTINGS, TURNSTILE
from portal.web.typed import Filled
from portal.web.uploads import File

PAGE, CONTENT, RECEIPT = "/verification", "/verification/content", "/registration/receipt"
LABELS = {"file": "検証するファイル", "document": "署名した文書"}

_log = logging.getLogger("portal.web")


async def page(request: web.Request) -> web.Response:
    await session.find(request)
    return _render(request, Filled({}, {}), None)


async def verify(request: web.Request) -> web.StreamResponse:
    """検証する: the verdict, on the same page."""
    return await _answered(request, save=False)


async def content(request: web.Request) -> web.StreamResponse:
    """署名された文書を保存: the document inside a file, when that is valid; else as `verify`."""
    return await _answered(request, save=True)


async def receipt(request: web.Request) -> web.StreamResponse:
    """受領データの保存: the CMS as this portal received it of the card that logged in."""
    kept = await request.app[PORTAL].verification.receipt(await session.login(request))
    if kept is None:
        raise Refused("not_registered")
    return _saved(kept.cms, f"{kept.identity.value}.p7m", "application/pkcs7-mime")


async def _answered(request: web.Request, *, save: bool) -> web.StreamResponse:
    told = request.headers.getall("X-Forwarded-For", [])
    asks = proxies.client(request.remote, told, request.app[SETTINGS].listen.proxies)
    with request.app[TURNSTILE].turn(asks):
        try:
            files = await _files(request)
            said = await _verdict(request, files)
        except Invalid as invalid:
            inquiry = failures.record(request, "form_incomplete", failures.fields(invalid))
            return _render(request, Filled({}, typed.at_fields(invalid.problems), inquiry), None)
    _log.info("verified", extra={"facts": {"verdict": said.refusal.code if said.refusal else "valid"}})
    data = verdict.document(said)
    if not save or data is None:
        return _render(request, Filled({}, {}), _outcome(request, said, files))
    # A stranger's bytes on our origin: nosniff and this type keep a browser from making a page of them.
    return _saved(data, verdict.inner_name(files["file"].name), "application/octet-stream")


async def _files(request: web.Request) -> dict[str, File]:
    files = await uploads.read(request, LABELS, request.app[SETTINGS].verification)
    if "file" not in files:
        raise _problem("file", "署名ファイル（.p7m、.p7sなど）か、署名の入ったPDFやXMLを選んでください。")
    return files


async def _verdict(request: web.Request, files: Mapping[str, File]) -> Verdict:
    beside = files["document"].data if "document" in files else None
    visit = await session.find(request)
    try:
        return await request.app[PORTAL].verification.verify(files["file"].data, beside, visit)
    except Refused as refusal:
        if refusal.code != "document_missing":
            raise
        text = texts.verdict(refusal.code)
        raise _problem("document", f"{text.detail}{text.help}") from refusal


def _problem(field: str, message: str) -> Invalid:
    return Invalid((Problem(field, LABELS[field], message),))


def _outcome(request: web.Request, said: Verdict, files: Mapping[str, File]) -> dict[str, Any]:
    refused = said.refusal
    return {
        "text": None if refused is None else texts.verdict(refused.code),
        "inquiry": None if refused is None else failures.record(request, refused.code, refused.fact),
        "panels": verdict.panels(said, files, request.app[SETTINGS].site),
        "document": verdict.document(said) is not None,
    }


def _render(request: web.Request, filled: Filled, outcome: Mapping[str, Any] | None) -> web.Response:
    limit = request.app[SETTINGS].verification.max_bytes
    context = {"filled": filled, "labels": LABELS, "limit": limit, "outcome": outcome}
    return pages.render(request, "verification.html", context, 422 if filled.problems else 200)


def _saved(data: bytes, name: str, kind: str) -> web.Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return web.Response(body=data, content_type=kind, headers={"Content-Disposition": disposition})
