"""Failures as RFC 9457 problem details, in the language that the browser asks for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from bridge.card.safety.tries import Tries
from bridge.errors import BridgeError
from bridge.explain import callers

LANGUAGES = ("ja", "en")
CONTENT_TYPE = "application/problem+json"


@cache
def texts() -> dict[str, Any]:
    """code → language → title, detail, help. Read on the first failure, not at start."""
    return tomllib.loads(resources.files("bridge").joinpath("texts.toml").read_text(encoding="utf-8"))


def language(accept: str) -> str:
    """ja or en by Accept-Language (RFC 9110 §12.5.4); ja when neither is asked for."""
    ranked: list[tuple[float, int, str]] = []
    for place, item in enumerate(accept.split(",")[:16]):
        tag, _, weight = item.strip().partition(";q=")
        base = tag.split("-")[0].lower()
        if base in LANGUAGES:
            ranked.append((-_quality(weight), place, base))
    return min(ranked)[2] if ranked else "ja"


def problem(error: BridgeError, tongue: str) -> dict[str, Any]:
    """The problem object of docs/protocol.md. Carries nothing of `reason`: that is for the log."""
    text = texts()[error.code][tongue]
    body: dict[str, Any] = {
        "type": f"urn:card-bridge:problem:{error.code}",
        "title": text["title"],
        "status": error.status,
        "detail": text["detail"].format(tries=_tries(error.tries, tongue)).strip(),
        "code": error.code,
        "retriable": error.retriable,
        "help": _help(error, text["help"], tongue),
    }
    if error.tries is not None:
        body["tries"] = error.tries.wire()
    if error.document is not None:
        body["document"] = error.document
    return body


def _help(error: BridgeError, usual: str, tongue: str) -> str:
    """The next step, and where the card's authority is asked if it is the one to ask."""
    if error.help is not None:
        return str(error.help._asdict()[tongue])
    if error.contact is None or callers.who(error.code) is not callers.Who.AUTHORITY:
        return usual
    return f"{usual}\n{error.contact._asdict()[tongue]}"


def _tries(tries: Tries | None, tongue: str) -> str:
    if tries is None:
        return ""
    table = texts()["tries"][tongue]
    if tries.count is not None and tries.count > 1:
        return str(table["counted"].format(count=tries.count))
    return str(table[tries.hint.value])


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
