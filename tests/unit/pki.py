"""Keys and certificates for unit tests, made once a run."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bridge.card.practice import card as practice
from bridge.card.practice import pki as practice_pki


@cache
def practice_directory() -> Path:
    """A practice card with its CA, shared by tests that do not change it."""
    directory = Path(mkdtemp(prefix="practice-"))
    practice_pki.ensure(directory, datetime.now(UTC))
    return directory


@cache
def card() -> practice.Card:
    return practice.read(practice_directory())


@cache
def ec_key_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate_id() -> str:
    """Of the practice card, as the API names it."""
    return hashlib.sha256(card().certificate).hexdigest()
