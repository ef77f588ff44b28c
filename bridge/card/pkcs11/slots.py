"""What a slot shows before anybody logs in: the reader behind it, and the certificates that tell whose card it is."""

from __future__ import annotations

from typing import Any

from pkcs11.exceptions import PKCS11Error

from bridge.card import certinfo, pcsc
from bridge.card.pkcs11 import signing_keys
from bridge.card.pkcs11.cryptoki import Cryptoki, CryptokiError

_SLOT_DESCRIPTION = 64
"""Bytes of CK_SLOT_INFO.slotDescription: longer reader names are cut."""


def certificates(slot: Any, native: Cryptoki) -> list[bytes]:
    """What the token shows without a login, or with the one that it has. Raises PKCS11Error, CryptokiError."""
    session = slot.get_token().open()
    try:
        return signing_keys.certificates(session)
    finally:
        native.close_session(session.handle)


def shown_certificates(slot: Any, native: Cryptoki) -> list[bytes] | None:
    """Likewise; None when they cannot be read now, and whoever asks the token for them is told why."""
    try:
        return certificates(slot, native)
    except (PKCS11Error, CryptokiError):
        return None


def issuers(found: list[bytes] | None) -> tuple[str, ...]:
    """Who issued the signers' certificates among them (RFC 4514)."""
    named = map(certinfo.issuer, found or ())
    return tuple(sorted({issuer for issuer in named if issuer is not None}))


def reader_of(description: str, readers: list[str]) -> str | None:
    """The PC/SC reader behind a slot: by its name, which the slot may show cut; else the only one with a card."""
    shown = description.strip()
    for name in readers:
        if shown and name.encode()[:_SLOT_DESCRIPTION].decode(errors="ignore").strip() == shown:
            return name
    with_card = [name for name in readers if pcsc.presence(name).card]
    return with_card[0] if len(with_card) == 1 else None
