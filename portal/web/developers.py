"""A first signed statement, live, for developers of pages: the script of docs/portal-guide.md, and what it gives.

Served by a portal for practice alone, in Japanese and English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from aiohttp import web

from portal.web import failures, security, wire
from portal.web.keys import PORTAL, SETTINGS, TEMPLATES

ENTRANCE, PAGE = "/developers", "/developers/"
SCRIPT: Final = "first-statement.js"
SHOWN: Final = (("hello",), ("certificates",), ("request", "statement"), ("reply",), ("problem",), ())
"""Of each part of the script: the elements that it fills."""
_LANGUAGES: Final = {"ja": "日本語", "en": "English"}
_PART = re.compile(r"^(?= *// \d)", re.MULTILINE)


class Part(NamedTuple):
    """What a part of the script is about, its text, and the elements that it fills."""

    title: str
    about: str
    code: str
    shown: tuple[str, ...]


def routes() -> list[web.RouteDef]:
    """The page with and without its slash, and what its script calls."""
    return [
        web.get(ENTRANCE, entrance),
        web.get(PAGE, page),
        web.post(security.TRY_REQUEST, request_statement),
        web.post(security.TRY_STATEMENT, take_statement),
    ]


async def entrance(_: web.Request) -> web.StreamResponse:
    """The script's addresses are relative: they need the slash."""
    raise web.HTTPMovedPermanently(PAGE)


async def page(request: web.Request) -> web.Response:
    """The page, in the language of its address or else of the browser."""
    asked = request.query.get("language", "")
    language = asked if asked in _LANGUAGES else failures.language(request)
    text = texts()[language]
    context = {
        "language": language,
        "languages": _LANGUAGES,
        "text": text,
        "script": SCRIPT,
        "parts": parts(text["parts"]),
        "origin": request.app[SETTINGS].site.origin,
        "policy": security.CONTENT_SECURITY_POLICY,
    }
    html = request.app[TEMPLATES].get_template("developers.html").render(context)
    return web.Response(text=html, content_type="text/html", headers={"Content-Language": language})


async def request_statement(request: web.Request) -> web.Response:
    """→ {type, action, aud, nonce, payload} to sign."""
    asked = request.app[PORTAL].trial.request()._asdict()
    del asked["confirmation"]
    return web.json_response(asked)


async def take_statement(request: web.Request) -> web.Response:
    """Base64 of the CMS → {claims, signer}: what was believed, or the problem that says why not."""
    believed = await request.app[PORTAL].trial.check(wire.decoded((await request.read()).decode("latin-1")))
    signer = believed.signer
    told = {"subject": signer.subject, "issuer": signer.issuer, "serial": signer.serial, "expiry": signer.expiry}
    return web.json_response({"claims": believed.claims, "signer": told})


def parts(told: list[Mapping[str, str]]) -> list[Part]:
    """The script as it is served, cut where a numbered comment begins."""
    codes = _PART.split(script())[1:]
    return [
        Part(text["title"], text["about"], code, shown) for text, code, shown in zip(told, codes, SHOWN, strict=True)
    ]


@cache
def script() -> str:
    """The text that the page shows and runs."""
    return (resources.files("portal.web") / "static" / SCRIPT).read_text(encoding="utf-8")


@cache
def texts() -> dict[str, Any]:
    """The page's words by language."""
    return tomllib.loads((resources.files("portal.web") / "developers.toml").read_text(encoding="utf-8"))
