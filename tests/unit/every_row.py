"""At least one row of every kind that the portal's tables hold, with what is easily lost on the way: octets, quotes,
empty texts beside NULL, characters beyond the BMP, numbers with gaps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

Row = tuple[Any, ...]

_AT, _LATER = "2026-11-24T01:02:03.000004Z", "2026-11-24T02:00:00.000000Z"
_DER = bytes(range(256))
_ODD = "line\nbreak\ttab \"quoted\" 'twice' \\ % { } 𠮷野家 ･ ﾊﾞ"
_HASHES = [f"{number:064x}" for number in range(9)]
_CONTRACTOR = json.dumps({"number": "000000001", "name": "北東組株式会社"}, ensure_ascii=False)
_ACCOUNT = ("user", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA")
_CARD = (_HASHES[1], "")

BIDDERS: dict[str, list[Row]] = {
    "sessions": [
        ("k1", "c", None, None, "", _AT, _LATER, 0, None),
        ("k2", "c", _DER, "registration", "工事", _AT, _LATER, 1, "k1"),
    ],
    "nonces": [
        ("n1", "k1", "login", "a", b"\0" * 32, "{}", _LATER, 0, None),
        ("n2", "k2", "registration", "b", _DER[-32:], json.dumps({"a": _ODD}), _LATER, 3, _AT),
    ],
    "drafts": [(*_CARD, None, "{}", _ODD, _AT), (_HASHES[2], "工事", "000000001", "", "", _AT)],
    "change_drafts": [(*_CARD, "{}", _ODD, "{}", _AT)],
    "searches": [(3, _HASHES[1], _AT), (7, _HASHES[1], _LATER)],
    "accounts": [(*_CARD, "000000001", *_ACCOUNT)],
    "contractors": [
        ("000000001", "北東組株式会社", "7530001", _ODD, "山口　太郎", "代表取締役", "000000001\n北東組"),
        ("B", "b", "", "", "", "", "b\nb"),
        ("a", "a", "", "", "", "", "a\na"),
    ],
    "contractor_accounts": [("000000001", *_ACCOUNT)],
    "statements": [
        (_HASHES[number], "registration", f"nonce{number}", _DER * number, _ODD, _HASHES[1], _AT)
        for number in range(1, 6)
    ],
    "revocation_lists": [(_HASHES[8], _DER), (_HASHES[7], b"")],
    "company_ids": [(1, "9991000000000001"), (5, "9991000000000005"), (6, None)],
    "companies": [
        ("9991000000000001", "000000001", "", _CONTRACTOR, "{}", *_ACCOUNT, _AT, _LATER),
        ("9991000000000005", "000000001", "工事", "{}", "{}", "", "", _AT, _AT),
    ],
    "registrations": [
        (_HASHES[1], "", "9991000000000001", "registered", _CONTRACTOR, "{}", "[]", "[]", "CN=A,O=山口", "1" * 40, _DER,
         _HASHES[1], None, _AT, _AT),
        (_HASHES[2], "工事", "9991000000000005", "replaced", _CONTRACTOR, "{}", "[]", "[]", "CN=A,O=山口", "2", b"",
         _HASHES[2], _HASHES[1], _AT, _LATER),
    ],
    "renewals": [
        (_HASHES[1], "", _DER, "k1", _HASHES[3], "[]", _AT, _LATER, None, 0, None),
        (_HASHES[2], "工事", _DER, "k2", _HASHES[4], "[]", _AT, _LATER, _DER, 1, _HASHES[5]),
    ],
    "history": [(11, _AT, "9991000000000001", _HASHES[1], "registration", "registered", _HASHES[1], _ODD)],
    "refusals": [(2, _AT, "k1", "login", "certificate_revoked", _ODD)],
    "outbox": [
        (4, "r1", "a@example.com", _ODD, _ODD, _AT, _AT, "waiting", 2, _LATER, "lease", "greylisted", None),
        (9, "r2", "b@example.com", "s", "", _AT, _AT, "sent", 1, _LATER, None, "", _LATER),
    ],
}  # fmt: skip
OFFICERS: dict[str, list[Row]] = {
    "officers": [
        (1, "佐藤", "CN=LGPKI", "1", None, _AT, _LATER),
        (3, "佐藤", "CN=LGPKI", "1", _HASHES[6], _AT, None),
    ],
    "officer_sessions": [("o1", "c", None, None, _AT, _LATER, None), ("o2", "c", 3, _DER, _AT, _LATER, "{}")],
    "officer_log": [
        (1, _AT, None, "root", "add", "", "", _ODD, "", None),
        (2, _AT, 3, "佐藤", "accept", "R-000001", "仮登録", "受理", "", _HASHES[2]),
    ],
    "company_terms": [
        (term, company)
        for company in ("9991000000000001", "9991000000000005")
        for term in (company, "000000001", *("北東組株式会社"[at:] for at in range(7)))
    ],
}
NOTICES: dict[str, list[Row]] = {
    "news": [(1, "once", "2026-11-24", _ODD, None), (2, "twice", "2026-11-25", "x", _LATER)],
    "days": [("2026-12-29", 1), ("2026-12-30", 0)],
    "emergency": [(1, "停止", "stopped", _AT)],
    "inquiries": [("ABCD-EFGH", _AT, "already_registered", "/registration/form", "", "", "")],
}
EVERY = (BIDDERS, OFFICERS, NOTICES)
"""By revision."""


def inserts(tables: dict[str, list[Row]]) -> Iterable[tuple[str, Sequence[Row]]]:
    """Statements with `?` and their rows, in an order that foreign keys allow."""
    for table, rows in tables.items():
        marks = ", ".join("?" * len(rows[0]))
        yield f"INSERT INTO {table} VALUES ({marks})", rows  # noqa: S608 - tables of ours
