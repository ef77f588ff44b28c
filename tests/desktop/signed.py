"""What windows of the tests have signed: statements as the portal asks for them, listed as the card host lists them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bridge.card.asking import reading
from bridge.card.signature import statement
from portal.renewal import payloads
from portal.signatures.certificate import CertificateView
from tests.procedure import example

ORIGIN = "https://ebid.city.yamaguchi.example.jp"
_NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)
OLD = CertificateView(
    sha256="0" * 64,
    serial=example.CERTIFICATE["serial"],
    issuer=example.CERTIFICATE["issuer"],
    subject="",
    expiry="2026/12/24",
    not_after=_NOW,
    holder=example.CERTIFICATE["holder"],
    organization=example.CERTIFICATE["organization"],
    address=None,
)
NEW = OLD._replace(serial="122", expiry=example.CERTIFICATE["expiry"])


def listed(kind: str, payload: dict[str, Any], language: str = "ja") -> dict[str, Any]:
    """The question's `content` for a statement of that type."""
    request = {"type": kind, "action": "", "aud": ORIGIN, "nonce": "rT5x" * 10 + "Qw0", "payload": payload}
    lines = reading.lines(statement.compose(request, ORIGIN, b"certificate", _NOW), language)
    return {"type": "statement", "lines": [line.wire() for line in lines]}


def registration(language: str = "ja") -> dict[str, Any]:
    sections = [_group(section.label, section.lines) for section in example.SIGNED]
    return listed("registration", {"contractor": example.NUMBER, "sections": sections}, language)


def handover(language: str = "ja") -> dict[str, Any]:
    return listed("handover", {"sections": payloads.handover_sections("山口市", "", OLD, NEW, 30)}, language)


def unknown(language: str = "ja") -> dict[str, Any]:
    """A payload that docs/protocol.md does not know."""
    payload = {
        "amount": 12_500_000,
        "tender": {"number": "R8-0123", "title": "市道改良工事"},
        "agreed": True,
        "lots": ["A", "B", {"C": [1, 2]}],
    }
    return listed("bid", payload, language)


def _group(label: str, lines: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {"label": label, "value": [{"label": name, "value": value} for name, value in lines]}
