"""A statement as a person reads it before signing: every value of it, in the order of its bytes (pure).

Made from the canonical bytes that will be signed, so that nothing can be shown that is not signed, or signed unseen.
Version, origin, action and certificate have places of their own in the window.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

_TOKYO = timezone(timedelta(hours=9), "JST")
SECTIONS = "sections"
"""The payload's key for the page as it was shown: its groups stand in the list by their own labels."""
_NOTHING = "―"


class Line(NamedTuple):
    """One line of the readable list; `value` is None for a heading."""

    depth: int
    label: str
    value: str | None

    def wire(self) -> dict[str, Any]:
        return self._asdict()


class Words(NamedTuple):
    """What the list says beside what is signed."""

    yes: str
    no: str
    keys: dict[str, str]
    """Names of the payload's keys that docs/protocol.md defines; any other key stands there as it is."""
    types: dict[str, str]
    rest: str
    type: str
    aud: str
    issued: str
    nonce: str


_JA = Words(
    yes="はい",
    no="いいえ",
    keys={"companyId": "企業ID", "contractor": "業者番号"},
    types={
        "login": "ログイン",
        "registration": "登録",
        "change": "変更",
        "handover": "旧ICカードの引継ぎ",
        "acceptance": "新ICカードの受入れ",
    },
    rest="署名に含まれるその他の項目",
    type="種類",
    aud="宛先",
    issued="作成日時（日本時間）",
    nonce="一度だけ使う番号",
)
_EN = Words(
    yes="yes",
    no="no",
    keys={"companyId": "Company ID (企業ID)", "contractor": "Contractor no. (業者番号)"},
    types={
        "login": "login",
        "registration": "registration",
        "change": "change",
        "handover": "hand-over by the old card",
        "acceptance": "acceptance by the new card",
    },
    rest="Also part of the signature",
    type="Kind",
    aud="Addressed to",
    issued="Made at (Japan time)",
    nonce="Number used once",
)


def lines(content: bytes, language: str) -> list[Line]:
    """The readable list of a statement (canonical JSON, `statement.compose`) in ja or en."""
    words = _EN if language == "en" else _JA
    whole = json.loads(content)
    return [*_payload(whole["payload"], words), *_rest(whole, words)]


def _payload(payload: dict[str, Any], words: Words) -> Iterator[Line]:
    for key in payload:
        value = payload[key]
        if key == SECTIONS and _are_groups(value):
            yield from _walk(value, 0, words)
        else:
            yield from _entry(words.keys.get(key, key), value, 0, words)


def _rest(whole: dict[str, Any], words: Words) -> Iterator[Line]:
    kind, issued = whole["type"], datetime.fromisoformat(whole["issuedAt"]).astimezone(_TOKYO)
    yield Line(0, words.rest, None)
    yield Line(1, words.type, f"{words.types[kind]} ({kind})" if kind in words.types else kind)
    yield Line(1, words.aud, whole["aud"])
    yield Line(1, words.issued, issued.strftime("%Y/%m/%d %H:%M:%S"))
    yield Line(1, words.nonce, whole["nonce"])


def _are_groups(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_labelled(item) is not None for item in value)


def _labelled(item: Any) -> tuple[str, Any] | None:
    """Label and value of {"label", "value"}, by which a page fixes order and names."""
    match item:
        case {"label": str(label), "value": value, **rest} if not rest:
            return label, value
    return None


def _walk(value: Any, depth: int, words: Words) -> Iterator[Line]:
    if isinstance(value, dict):
        for key in value:
            yield from _entry(key, value[key], depth, words)
        return
    for number, item in enumerate(value, 1):
        label, inner = _labelled(item) or (f"{number}.", item)
        yield from _entry(label, inner, depth, words)


def _entry(label: str, value: Any, depth: int, words: Words) -> Iterator[Line]:
    if isinstance(value, dict | list) and value:
        yield Line(depth, label, None)
        yield from _walk(value, depth + 1, words)
    else:
        yield Line(depth, label, _leaf(value, words))


def _leaf(value: Any, words: Words) -> str:
    match value:
        case None | [] | {}:
            return _NOTHING
        case bool():
            return words.yes if value else words.no
    return str(value)
