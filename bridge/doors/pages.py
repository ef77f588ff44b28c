"""The read-only pages for a person or a tool: GET / and GET /openapi.json. No framing, no CORS, no script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from bridge.doctor.check import Check
from bridge.explain import callers
from bridge.explain.callers import Who
from bridge.settings.sections import ContactSettings

_STYLE: Final = Path(__file__).with_name("status.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _Texts(NamedTuple):
    title: str
    lead: str
    attention: str
    """How many lines need attention: `{}`."""
    diagnosis: str
    good: str
    bad: str
    more: str
    sites: str
    none: str


_TEXTS: Final = {
    "ja": _Texts(
        "カードブリッジの状態",
        "このPCの電子入札用カードブリッジは動いています。",
        "確認が必要な項目が{}件あります。",
        "診断",
        "正常",
        "要確認",
        "ここに出ない項目（ブラウザ、ライブラリなど）は「card-bridge doctor」で確かめられます。",
        "許可サイト",
        "許可したサイトはありません。",
    ),
    "en": _Texts(
        "Card bridge status",
        "The card bridge of this computer is running.",
        "Lines that need attention: {}.",
        "Diagnosis",
        "OK",
        "Check",
        "What is not shown here (browsers, libraries and more) is checked by card-bridge doctor.",
        "Allowed sites",
        "No site has been allowed.",
    ),
}


def status(checks: Sequence[Check], origins: tuple[str, ...], contact: ContactSettings, tongue: str) -> web.Response:
    """What runs, which origins, what the doctor says, whom to call; plain HTML."""
    said = _TEXTS[tongue]
    wrong = sum(not check.ok for check in checks)
    note = f'<p class="note">{said.attention.format(wrong)}</p>' if wrong else ""
    allowed = "".join(f"<li>{escape(origin)}</li>" for origin in origins)
    administrator = _reached(Who.ADMINISTRATOR, contact, tongue) if wrong else ""
    sites = f'<ul class="sites">{allowed}</ul>' if allowed else f"<p>{said.none}</p>"
    body = (
        f'<!doctype html><html lang="{tongue}"><meta charset="utf-8"><title>{said.title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><main>'
        f"<h1>{said.title}</h1><p>{said.lead}</p>{note}"
        f"<h2>{said.diagnosis}</h2><ul class='checks'>{''.join(_lines(checks, said, tongue))}</ul>"
        f"{administrator}<p class='more'>{said.more}</p><h2>{said.sites}</h2>{sites}"
        f"{_reached(Who.AGENCY, contact, tongue)}</main></html>"
    )
    return web.Response(text=body, content_type="text/html", headers=HEADERS)


def _reached(who: Who, contact: ContactSettings, tongue: str) -> str:
    line = callers.line(who, contact, tongue)
    return f'<p class="contact">{escape(line)}</p>' if line else ""


def _lines(checks: Iterable[Check], said: _Texts, tongue: str) -> Iterable[str]:
    for check in checks:
        word, name = (said.good, "good") if check.ok else (said.bad, "bad")
        yield f'<li class="{name}"><span class="mark">{word}</span> <span>{_shown(check.said(tongue))}</span></li>'


def _shown(text: str) -> str:
    """As HTML; a date stays in one piece."""
    return _DATE.sub(r'<span class="date">\g<0></span>', escape(text))


def openapi() -> web.Response:
    text = resources.files("bridge").joinpath("openapi.json").read_text(encoding="utf-8")
    return web.Response(text=text, content_type="application/json", headers=HEADERS)
