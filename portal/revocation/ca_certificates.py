"""CA certificates as they are published (RFC 5280 §4.2.2.1): what may be one that a certificate's issuer has. Pure.

One certificate in DER, or a certs-only CMS message. What is let in is looked at again by path validation with each
card: a mistake here can make a path be looked for in vain, not be believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.refusals import Refused
from portal.revocation.acceptance import Unacceptable
from portal.signatures import cms, der, floors, namesakes, trust_folders
from portal.signatures.der import DerError
from portal.signatures.trust_folders import TrustError

MAX_BYTES = 128 * 1024
_MOST = 16
_DATA = "1.2.840.113549.1.7.1"


def read(data: bytes) -> tuple[bytes, ...]:
    """The certificates (DER) in an answer; nothing of them has been looked at. Raises Unacceptable."""
    if len(data) > MAX_BYTES:
        raise Unacceptable(f"more than {MAX_BYTES} bytes")
    try:
        parts = der.children(der.read(data, limit=MAX_BYTES), der.SEQUENCE)
        found = _certs_only(parts) if parts and parts[0].tag == der.OID else (data,)
    except DerError as error:
        raise Unacceptable(f"neither a certificate nor a certs-only message: {error}") from error
    if not 1 <= len(found) <= _MOST or any(len(each) > cms.MAX_CERTIFICATE_SIZE for each in found):
        raise Unacceptable(f"{len(found)} certificates")
    return found


def _certs_only(parts: tuple[der.Element, ...]) -> tuple[bytes, ...]:
    """RFC 8551 §3.8: SignedData without content and signers."""
    kind, explicit = der.exactly(2, parts)
    if der.oid(kind) != cms.SIGNED_DATA:
        raise DerError("not SignedData")
    signed = der.children(der.only(der.children(explicit, der.CONTEXT_0)), der.SEQUENCE)
    if len(signed) not in (5, 6):
        raise DerError(f"SignedData of {len(signed)} elements")
    version, digests, encapsulated, certificates, *lists, signers = signed
    empty = not der.children(digests, der.SET) and not der.children(signers, der.SET)
    inside = der.only(der.children(encapsulated, der.SEQUENCE))
    if der.integer(version) != 1 or der.oid(inside) != _DATA or not empty or any(x.tag != der.CONTEXT_1 for x in lists):
        raise DerError("not certs-only")
    return tuple(der.expect(each, der.SEQUENCE).raw for each in der.children(certificates, der.CONTEXT_0))


def issuer_of(below: bytes, candidates: Iterable[bytes], now: datetime) -> bytes | None:
    """The candidate (DER) that issued this certificate, by name and by key, and may do so now; None: none of them."""
    loaded = cms.load(below)
    for each in candidates:
        try:
            authority = authority_of(each, now)
        except Unacceptable:
            continue
        if namesakes.issued(loaded, authority):
            return each
    return None


def authority_of(certificate: bytes, now: datetime) -> Any:
    """A CA certificate (asn1crypto) that is valid now, of algorithms and a key that count. Raises Unacceptable."""
    try:
        found = trust_folders.read_certificate(Path("fetched"), certificate)
        usage = found.key_usage_value
        may_issue = found.ca and (usage is None or "key_cert_sign" in usage.native)
        current = found.not_valid_before <= now <= found.not_valid_after
        well = floors.signs_well(found["signature_algorithm"])
    except (TrustError, Refused, *trust_folders.STUMBLES) as error:
        raise Unacceptable("not a CA certificate") from error
    if not (may_issue and current and well):
        raise Unacceptable("not a CA certificate that counts now")
    return found
