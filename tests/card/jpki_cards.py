"""A card of マイナンバーカード's kind for the tests: a signature and an authentication certificate of one CA."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding

from tests.virtual import pki
from tests.virtual.jpki import Contents
from tests.virtual.piv import Key

AUTH_PIN, SIGN_PIN = b"1234", b"ABC123"


def contents(authority: pki.Authority, now: datetime) -> Contents:
    auth, sign = pki.rsa_key(), pki.rsa_key()
    return Contents(
        auth=Key(auth, authority.issue(auth, now, serial=31, usages=("digital_signature",))),
        sign=Key(sign, authority.issue(sign, now)),
        authority=authority.certificate.public_bytes(Encoding.DER),
        auth_pin=AUTH_PIN,
        sign_pin=SIGN_PIN,
    )
