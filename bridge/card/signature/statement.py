"""The statement: the JSON that gets signed, composed in the card host and shown from the same bytes (pure; `reading`).

`origin` is what the browser reported to the daemon; the page has no say in it. The bytes are RFC 8785 canonical JSON,
so that a verifier can demand them byte for byte.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from bridge.card.signature import canonical

VERSION = 1
CONTENT_TYPE = "2.25.131956424689632016405682573716432307829"
"""eContentType of a statement: nothing else that this bridge signs carries it (docs/protocol.md)."""


def compose(request: dict[str, Any], origin: str, certificate: bytes, now: datetime) -> bytes:
    """Canonical bytes of the statement. `request` holds type, action, aud, nonce, payload; `certificate` is DER.

    Raises canonical.NotCanonical.
    """
    return canonical.encode(
        {
            "v": VERSION,
            "type": request["type"],
            "action": request["action"],
            "origin": origin,
            "aud": request["aud"],
            "nonce": request["nonce"],
            "issuedAt": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "cert": {"sha256": hashlib.sha256(certificate).hexdigest()},
            "payload": request["payload"],
        }
    )


def confirmation_number(request: dict[str, Any]) -> str:
    """確認番号: 8 digits that window and portal show alike (docs/protocol.md, What is signed)."""
    named = {name: request[name] for name in ("type", "action", "aud", "nonce", "payload")}
    digest = hashlib.sha256(canonical.encode(named)).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**8:08d}"
