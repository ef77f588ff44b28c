"""A statement that developers of pages try the bridge with: asked for and checked as a registration's, and not kept."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from portal.settings import Settings
from portal.signatures import certificate, ladder
from portal.signatures.certificate import CertificateView
from portal.signatures.ladder import Expected
from portal.signatures.signing import StatementRequest, in_time
from portal.signatures.statement import confirmation_number, payload_digest
from portal.signatures.trust import Trust
from portal.store.rows import Minted

KIND: Final = "example"
ACTION: Final = "はじめての署名 / A first signature"
PAYLOAD: Final = {"sections": [{"label": "メッセージ / Message", "value": "こんにちは / Hello"}]}
OPEN: Final = 256
"""Nonces that wait at the same time; the oldest gives way."""


class Believed(NamedTuple):
    """What a statement said that held on every rung, and whose card signed it."""

    claims: dict[str, Any]
    signer: CertificateView


class Trial:
    """Statements of one type, whose nonces live in memory alone: nothing of them reaches the store."""

    def __init__(self, settings: Settings, trust: Trust, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._trust = trust
        self._clock = clock
        self._minted: dict[str, Minted] = {}

    def request(self) -> StatementRequest:
        """A statement to sign; its nonce is good once."""
        if len(self._minted) == OPEN:
            del self._minted[next(iter(self._minted))]
        nonce, aud = secrets.token_urlsafe(32), self._settings.site.audience
        expires = self._clock() + timedelta(minutes=self._settings.limits.nonce_minutes)
        self._minted[nonce] = Minted(nonce, "", KIND, ACTION, payload_digest(PAYLOAD), {}, expires, 0, None)
        confirmation = confirmation_number(KIND, ACTION, aud, nonce, PAYLOAD)
        return StatementRequest(KIND, ACTION, aud, nonce, PAYLOAD, confirmation)

    async def check(self, cms: bytes) -> Believed:
        """The ladder of every statement (docs/protocol.md). Raises Refused."""
        site = self._settings.site
        expected = Expected(KIND, ACTION, site.origin, site.audience, "", None)
        opened = ladder.open_statement(cms, expected)
        # One try for each nonce: another press of the button brings another.
        minted = self._minted.pop(opened.statement.nonce, None)
        checked = await in_time(asyncio.to_thread(ladder.check, opened, minted, expected, self._trust, self._clock()))
        return Believed(json.loads(opened.signed.content), certificate.read(checked.certificate))
