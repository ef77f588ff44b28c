"""The one CMS shape that carries a statement (RFC 5652; ETSI EN 319 122-1, CAdES-B-B), read strictly; its signature.

`read` says what is there, `verify` whether the signer's key signed it. Neither says whom to believe: trust.py does.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509

from portal.refusals import Refused
from portal.signatures import algorithms, der, outline
from portal.signatures.algorithms import STATEMENTS
from portal.signatures.der import DerError, Element

MAX_CERTIFICATES = 4  # a leaf and its intermediates; path building grows with what it is offered
MAX_CERTIFICATE_SIZE = 8 * 1024

SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_ATTRIBUTES = {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE_V2}


class SignedStatement(NamedTuple):
    """What a statement's CMS holds. `signed_attributes` are the octets that were signed: the SET OF, with tag 31."""

    content: bytes
    content_type: str
    certificates: tuple[bytes, ...]
    signer: bytes
    signer_issuer: bytes
    signer_serial: int
    signed_attributes: bytes
    attribute_content_type: str
    message_digest: bytes
    signing_time: datetime
    certificate_digest: tuple[str, bytes]
    digest_alg: str
    signature_alg: str
    signature: bytes


class _SignerInfo(NamedTuple):
    issuer: bytes
    serial: int
    digest_alg: str
    attributes: Element
    signature_alg: str
    signature: bytes


class _Attributes(NamedTuple):
    content_type: str
    message_digest: bytes
    signing_time: datetime
    certificate_digest: tuple[str, bytes]


def read(cms: bytes) -> SignedStatement:
    """The parts of a ContentInfo with attached SignedData. Raises Refused.

    Codes: cms_size, cms_malformed, algorithm_refused, attribute_missing, attribute_unknown, attribute_repeated,
    signer_missing.
    """
    if len(cms) > der.MAX_SIZE:
        raise Refused("cms_size", f"{len(cms)} bytes")
    try:
        return _read(cms)
    except DerError as error:
        raise Refused("cms_malformed", str(error)) from error


def verify(signed: SignedStatement) -> x509.Certificate:
    """The signer's certificate, once digest, certificate reference and signature hold. Raises Refused.

    Codes: digest_mismatch, signing_certificate_mismatch, certificate_malformed, key_refused, signature_invalid.
    """
    digest = hashlib.new(signed.digest_alg, signed.content).digest()
    if not hmac.compare_digest(digest, signed.message_digest):
        raise Refused("digest_mismatch")
    name, referenced = signed.certificate_digest
    if not hmac.compare_digest(hashlib.new(name, signed.signer).digest(), referenced):
        raise Refused("signing_certificate_mismatch")
    certificate = load(signed.signer)
    algorithms.verify(certificate, signed.signature_alg, signed.digest_alg, signed.signature, signed.signed_attributes)
    return certificate


@lru_cache(maxsize=1024)  # one statement's certificate is asked for on several rungs, by hundreds of visits at once
def load(certificate: bytes) -> x509.Certificate:
    """A certificate that its parser accepts as a whole. Raises Refused (certificate_malformed)."""
    try:
        loaded = x509.load_der_x509_certificate(certificate)
        _ = loaded.extensions, loaded.subject, loaded.issuer  # parsed on first use: here, where refusing is possible
    except (
        *(ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
        TypeError,  # a name with a BIT STRING where another string belongs
    ) as error:
        raise Refused("certificate_malformed", type(error).__name__) from error
    return loaded


def _read(cms: bytes) -> SignedStatement:
    kind, explicit = der.exactly(2, der.children(der.read(cms), der.SEQUENCE))
    if der.oid(kind) != SIGNED_DATA:
        raise DerError("not SignedData")
    signed_data = der.only(der.children(explicit, der.CONTEXT_0))
    # RFC 5652 §5.1; no crls: what a sender says of revocation does not count
    version, digests, encapsulated, certificates, infos = der.exactly(5, der.children(signed_data, der.SEQUENCE))
    if der.integer(version) != 3:  # §5.1: 3 because the content type is not id-data
        raise DerError("SignedData version")
    content_type, content = _content(encapsulated)
    info = _signer_info(der.only(der.set_of(infos)))
    if algorithms.digest_name(der.only(der.set_of(digests)), STATEMENTS) != info.digest_alg:
        raise DerError("digestAlgorithms differ from the signer's")
    sent = certificates_of(certificates)
    attributes = _attributes(info.attributes)
    return SignedStatement(
        content=content,
        content_type=content_type,
        certificates=sent,
        signer=_signer(sent, info),
        signer_issuer=info.issuer,
        signer_serial=info.serial,
        # RFC 5652 §5.4: signed with the SET OF tag in place of [0], the octets otherwise as received
        signed_attributes=bytes((der.SET,)) + info.attributes.raw[1:],
        attribute_content_type=attributes.content_type,
        message_digest=attributes.message_digest,
        signing_time=attributes.signing_time,
        certificate_digest=attributes.certificate_digest,
        digest_alg=info.digest_alg,
        signature_alg=info.signature_alg,
        signature=info.signature,
    )


def _content(encapsulated: Element) -> tuple[str, bytes]:
    kind, explicit = der.exactly(2, der.children(encapsulated, der.SEQUENCE))
    content = der.only(der.children(explicit, der.CONTEXT_0))
    return der.oid(kind), der.expect(content, der.OCTET_STRING).content


def _signer_info(element: Element) -> _SignerInfo:
    version, sid, digest, attributes, algorithm, signature = der.exactly(6, der.children(element, der.SEQUENCE))
    if der.integer(version) != 1:  # RFC 5652 §5.3: 1 with issuerAndSerialNumber
        raise DerError("SignerInfo version")
    issuer, serial = der.exactly(2, der.children(sid, der.SEQUENCE))
    digest_alg = algorithms.digest_name(digest, STATEMENTS)
    return _SignerInfo(
        der.expect(issuer, der.SEQUENCE).raw,
        der.integer(serial),
        digest_alg,
        der.expect(attributes, der.CONTEXT_0),
        algorithms.signature_name(algorithm, digest_alg, STATEMENTS),
        der.expect(signature, der.OCTET_STRING).content,
    )


def certificates_of(element: Element) -> tuple[bytes, ...]:
    """The certificates field [0] of SignedData (RFC 5652 §10.2.3), X.509 only. Raises DerError."""
    found = der.set_of(element, der.CONTEXT_0)
    if not 1 <= len(found) <= MAX_CERTIFICATES:
        raise DerError(f"{len(found)} certificates")
    if any(len(c.raw) > MAX_CERTIFICATE_SIZE for c in found):
        raise DerError("oversized certificate")
    raw = tuple(der.expect(c, der.SEQUENCE).raw for c in found)
    for certificate in raw:
        issuer_and_serial(certificate)
    return raw


def _signer(certificates: tuple[bytes, ...], info: _SignerInfo) -> bytes:
    matching = [c for c in certificates if issuer_and_serial(c) == (info.issuer, info.serial)]
    if len(matching) != 1:
        raise Refused("signer_missing", f"{len(matching)} of {len(certificates)} certificates match")
    return matching[0]


def issuer_and_serial(certificate: bytes) -> tuple[bytes, int]:
    """Issuer (DER) and serial number of a certificate, by which a signer is named. Raises DerError."""
    found = outline.read(certificate)
    return found.issuer, found.serial


def _attributes(element: Element) -> _Attributes:
    found: dict[str, Element] = {}
    for attribute in der.set_of(element, der.CONTEXT_0):
        kind, values = der.exactly(2, der.children(attribute, der.SEQUENCE))
        name = der.oid(kind)
        if name in found:
            raise Refused("attribute_repeated", name)
        if name not in _ATTRIBUTES:
            raise Refused("attribute_unknown", name)
        found[name] = der.only(der.set_of(values))
    missing = sorted(_ATTRIBUTES - set(found))
    if missing:
        raise Refused("attribute_missing", missing[0])
    return _Attributes(
        der.oid(found[CONTENT_TYPE]),
        der.expect(found[MESSAGE_DIGEST], der.OCTET_STRING).content,
        der.time(found[SIGNING_TIME]),
        _ess_certificate(found[SIGNING_CERTIFICATE_V2]),
    )


def _ess_certificate(value: Element) -> tuple[str, bytes]:
    """(hash name, hash) of SigningCertificateV2's single ESSCertIDv2 (RFC 5035 §3): no issuerSerial, no policies."""
    identifiers = der.only(der.children(value, der.SEQUENCE))
    fields = der.children(der.only(der.children(identifiers, der.SEQUENCE)), der.SEQUENCE)
    # hashAlgorithm DEFAULT SHA-256: DER leaves a default out (X.690 §11.5)
    return "sha256", der.expect(der.only(fields), der.OCTET_STRING).content
