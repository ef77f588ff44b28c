"""CAdES-B-B (ETSI EN 319 122-1 §6) as DER, written directly: attributes before, SignedData after the card (pure).

The structure is fixed, so it is concatenated rather than modelled: a general encoder takes ten times as long, and the
tests hold the result byte for byte against one. Ordering of SET OF is DER's (X.690 §11.6).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from bridge.card.signature.algorithms import Hash, SignatureAlgorithm, hash_identifier
from bridge.card.signature.der import EXPLICIT_0, OCTETS, SEQUENCE, SET, head, oid, opened, tlv

_UTC, _GENERALIZED = 0x17, 0x18


class SignerIdentity(NamedTuple):
    certificate: bytes
    """DER of the signer's certificate."""
    chain: tuple[bytes, ...]
    """DER of intermediates to send along; never the root."""


class Signature(NamedTuple):
    value: bytes
    algorithm: SignatureAlgorithm
    hash: Hash = Hash.SHA256


_SIGNED_DATA = oid("1.2.840.113549.1.7.2")
ID_DATA = "1.2.840.113549.1.7.1"
"""eContentType of a document (RFC 5652 §4)."""
_ID_DATA = oid(ID_DATA)
_CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = oid("1.2.840.113549.1.9.5")
_SIGNING_CERTIFICATE_V2 = oid("1.2.840.113549.1.9.16.2.47")


def _attribute(kind: bytes, value: bytes) -> bytes:
    return tlv(SEQUENCE, kind, tlv(SET, value))


def signed_attributes(content: bytes, content_type: str, certificate: bytes, now: datetime) -> bytes:
    """The bytes that the card signs for a content of its own, with SHA-256: SET OF Attribute, DER (RFC 5652 §5.4)."""
    return attributes_over(hashlib.sha256(content).digest(), content_type, certificate, now)


def attributes_over(digest: bytes, content_type: str, certificate: bytes, now: datetime | None) -> bytes:
    """Likewise, for a content of which the digest is known. `now`: None in a PDF, which tells the time itself
    (ETSI EN 319 142-1 §6.3: signing-time shall not be there).
    """
    ess_cert_id = tlv(SEQUENCE, tlv(OCTETS, hashlib.sha256(certificate).digest()))
    attributes = (
        _attribute(_CONTENT_TYPE, oid(content_type)),
        _attribute(_MESSAGE_DIGEST, tlv(OCTETS, digest)),
        *(() if now is None else (_attribute(_SIGNING_TIME, _time(now)),)),
        # RFC 5035 §3: the default hash (SHA-256) is left out; no issuerSerial, the SignerInfo names it.
        _attribute(_SIGNING_CERTIFICATE_V2, tlv(SEQUENCE, tlv(SEQUENCE, ess_cert_id))),
    )
    return tlv(SET, *sorted(attributes))


def envelope(
    content: bytes | None, content_type: str, attributes: bytes, signature: Signature, signer: SignerIdentity
) -> bytes:
    """ContentInfo with SignedData, DER; detached where `content` is None (RFC 5652 §5.2). `attributes` were signed.

    SignedData is version 3 unless the content type is id-data (RFC 5652 §5.1).
    """
    size = None if content is None else len(content)
    begun, rest = envelope_around(size, content_type, attributes, signature, signer)
    return b"".join((begun, content or b"", rest))


def envelope_around(
    size: int | None, content_type: str, attributes: bytes, signature: Signature, signer: SignerIdentity
) -> tuple[bytes, bytes]:
    """What of the same stands before and after a content of so many bytes, which nobody has to hold."""
    version = 1 if oid(content_type) == _ID_DATA else 3
    certificates = tlv(EXPLICIT_0, *sorted((signer.certificate, *signer.chain)))
    rest = certificates + tlv(SET, _signer_info(attributes, signature, signer))
    inside = 0 if size is None else size
    begun = b"" if size is None else opened(EXPLICIT_0, opened(OCTETS, b"", inside), inside)
    begun = opened(SEQUENCE, oid(content_type) + begun, inside)
    begun = bytes((2, 1, version)) + tlv(SET, hash_identifier(signature.hash)) + begun
    after = inside + len(rest)
    signed_data = opened(EXPLICIT_0, opened(SEQUENCE, begun, after), after)
    return opened(SEQUENCE, _SIGNED_DATA + signed_data, after), rest


def _signer_info(attributes: bytes, signature: Signature, signer: SignerIdentity) -> bytes:
    return tlv(
        SEQUENCE,
        b"\x02\x01\x01",
        _issuer_and_serial(signer.certificate),
        hash_identifier(signature.hash),
        bytes((EXPLICIT_0,)) + attributes[1:],  # RFC 5652 §5.4: signed as SET OF, carried as [0] IMPLICIT
        signature.algorithm.identifier(signature.hash),
        tlv(OCTETS, signature.value),
    )


def _time(now: datetime) -> bytes:
    """Time (RFC 5652 §11.3): UTCTime through 2049, GeneralizedTime after."""
    moment = now.astimezone(UTC)
    if moment.year < 2050:
        return tlv(_UTC, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(_GENERALIZED, moment.strftime("%Y%m%d%H%M%SZ").encode())


@lru_cache(maxsize=16)
def _issuer_and_serial(certificate: bytes) -> bytes:
    """IssuerAndSerialNumber from the certificate's own bytes (RFC 5280 §4.1: version, serial, signature, issuer)."""
    _, start, _ = head(certificate, 0)
    _, position, _ = head(certificate, start)
    tag, _, end = head(certificate, position)
    if tag == EXPLICIT_0:
        position = end
        _, _, end = head(certificate, position)
    serial = certificate[position:end]
    _, _, position = head(certificate, end)
    _, _, end = head(certificate, position)
    return tlv(SEQUENCE, certificate[position:end], serial)
