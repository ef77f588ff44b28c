"""The ladder of docs/protocol.md: what must hold before a statement is believed, one refusal per line, in this order.

`open_statement` climbs what the bytes alone can show, so that the nonce can be looked up; `check` climbs the rest.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from cryptography import x509

from portal.refusals import Refused
from portal.signatures import cms as envelope
from portal.signatures import statement as json_statement
from portal.signatures.cms import SignedStatement
from portal.signatures.evidence import Evidence
from portal.signatures.statement import Statement
from portal.signatures.trust import Trust
from portal.store.rows import Minted

MAX_ATTEMPTS = 5


class Expected(NamedTuple):
    """What this portal waits for. `session` is the store's key of the visit, `certificate` DER or None at login.

    `waits`: where revocation cannot be told now, the statement may wait until it can (Trust.validate_waiting).
    `expired`: a certificate past its validity will do, judged at the last moment of it (the hand-over of ICカード更新).
    """

    type: str
    action: str
    origin: str
    aud: str
    session: str
    certificate: bytes | None
    expired: bool = False
    waits: bool = False


class Opened(NamedTuple):
    """A statement for us by the holder of some key, not yet believed."""

    cms: bytes
    signed: SignedStatement
    certificate: x509.Certificate
    statement: Statement


class Checked(NamedTuple):
    """A statement that held on every rung, and what that rests on. `context` was kept with its nonce."""

    cms: bytes
    certificate: bytes
    statement: Statement
    nonce: str
    type: str
    context: Mapping[str, Any]
    evidence: Mapping[str, Any]
    revocation_lists: Mapping[str, bytes]
    waits: bool = False


def fingerprint(cms: bytes) -> str:
    """SHA-256 of the bytes as received, hex: the same statement sent again has the same."""
    return hashlib.sha256(cms).hexdigest()


def open_statement(cms: bytes, expected: Expected) -> Opened:
    """From size to audience. Raises Refused."""
    signed = envelope.read(cms)
    if signed.content_type != json_statement.CONTENT_TYPE:
        raise Refused("content_type", signed.content_type)
    if signed.attribute_content_type != signed.content_type:  # RFC 5652 §11.1
        raise Refused("content_type", "the attribute names another")
    certificate = envelope.verify(signed)
    statement = json_statement.read(signed.content)
    if statement.type != expected.type:
        raise Refused("statement_type", statement.type)
    if statement.action != expected.action:
        raise Refused("action_mismatch")
    if statement.origin != expected.origin:
        raise Refused("origin_mismatch")
    if statement.aud != expected.aud:
        raise Refused("audience_mismatch")
    return Opened(cms, signed, certificate, statement)


def check(opened: Opened, minted: Minted | None, expected: Expected, trust: Trust, now: datetime) -> Checked:
    """From nonce to revocation; `minted` is the nonce as stored with this attempt counted. Raises Refused."""
    live = _check_request(opened, minted, expected, now)
    return _checked(opened, live, _validation(expected, trust)(opened.signed.signer, now), now)


def check_at_once(
    opened: Opened, minted: Minted | None, expected: Expected, trust: Trust, now: datetime
) -> Checked | None:
    """As `check`, where the path can be told without waiting (Trust.at_once); None: `check` it. Raises Refused."""
    live = _check_request(opened, minted, expected, now)
    evidence = trust.at_once(opened.signed.signer, now)
    return None if evidence is None else _checked(opened, live, evidence, now)


def _check_request(opened: Opened, minted: Minted | None, expected: Expected, now: datetime) -> Minted:
    """From nonce to certificate: the statement is the one that was asked for, by the card that was asked."""
    statement = opened.statement
    live = _check_nonce(minted, expected, now)
    if not hmac.compare_digest(statement.payload_digest(), live.payload_sha256):
        raise Refused("payload_mismatch")
    signer = opened.signed.signer
    if not hmac.compare_digest(hashlib.sha256(signer).hexdigest(), statement.certificate_sha256):
        raise Refused("certificate_mismatch", "the statement names another")
    if expected.certificate is not None and not hmac.compare_digest(signer, expected.certificate):
        raise Refused("certificate_mismatch", "the visit began with another")
    return live


def _checked(opened: Opened, live: Minted, evidence: Evidence, now: datetime) -> Checked:
    return Checked(
        cms=opened.cms,
        certificate=opened.signed.signer,
        statement=opened.statement,
        nonce=live.nonce,
        type=opened.statement.type,
        context=live.context,
        evidence=_evidence(opened, evidence, now),
        revocation_lists=evidence.data(),
        waits=evidence.waits,
    )


def _validation(expected: Expected, trust: Trust) -> Callable[[bytes, datetime], Evidence]:
    if expected.waits:
        return trust.validate_waiting
    return trust.validate_expired if expected.expired else trust.validate


def _check_nonce(minted: Minted | None, expected: Expected, now: datetime) -> Minted:
    if minted is None or not hmac.compare_digest(minted.session, expected.session):
        raise Refused("nonce_unknown")
    if (minted.type, minted.action) != (expected.type, expected.action):
        raise Refused("nonce_unknown", "minted for something else")
    if minted.spent is not None:
        raise Refused("nonce_spent")
    if minted.expires <= now:
        raise Refused("nonce_expired")
    if minted.attempts > MAX_ATTEMPTS:
        raise Refused("nonce_attempts")
    return minted


def _evidence(opened: Opened, evidence: Evidence, now: datetime) -> dict[str, Any]:
    signing_time = opened.signed.signing_time
    return {
        **evidence.record(),
        "digestAlgorithm": opened.signed.digest_alg,
        "signatureAlgorithm": opened.signed.signature_alg,
        "signingTime": signing_time.isoformat(),
        "issuedAt": opened.statement.issued_at.isoformat(),
        # The PC's clock against ours: recorded, never alone a refusal.
        "clockDeviationSeconds": int((signing_time - now).total_seconds()),
    }
