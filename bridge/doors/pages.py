"""The read-only pages for a person or a tool: GET / and GET /openapi.json. No framing, no CORS, no script."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import Any

from aiohttp import web

from bridge.version import VERSION

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_TEXTS = {
    "ja": (
        "カードブリッジの状態",
        "このPCの電子入札用カードブリッジは動いています。",
        "診断",
        "許可サイト",
        "（なし）",
    ),
    "en": (
        "Card bridge status",
        "The card bridge of this computer is running.",
        "Diagnosis",
        "Allowed sites",
        "(none)",
    ),
}


def status(checks: list[dict[str, Any]], origins: tuple[str, ...], tongue: str) -> web.Response:
    """What runs, which origins, what the doctor says; plain HTML."""
    title, lead, diagnosis, sites, none = _TEXTS[tongue]
    lines = "".join(f"<li>{'✓' if check['ok'] else '✗'} {escape(check['text'][tongue])}</li>" for check in checks)
    allowed = "".join(f"<li>{escape(origin)}</li>" for origin in origins) or f"<li>{none}</li>"
    body = (
        f'<!doctype html><html lang="{tongue}"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><h1>{title}</h1><p>{lead} (version {VERSION})</p>'
        f"<h2>{diagnosis}</h2><ul>{lines}</ul><h2>{sites}</h2><ul>{allowed}</ul></html>"
    )
    return web.Response(text=body, content_type="text/html", headers=HEADERS)


def openapi() -> web.Response:
    text = resources.files("bridge").joinpath("openapi.json").read_text(encoding="utf-8")
    return web.Response(text=text, content_type="application/json", headers=HEADERS)
