"""Documents that were signed elsewhere: CAdES-BES and B-B (ETSI EN 319 122-1), attached or detached, read strictly.

Wider than a statement's one shape (cms.py) where the standard lets signers choose, and DER throughout. What no
signature covers is refused, so that a file that verifies has no bit that somebody else could have set.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from portal.refusals import Refused
from portal.signatures import algorithms, cms, der
from portal.signatures.algorithms import DOCUMENTS
from portal.signatures.der import DerError, Element

DATA = "1.2.840.113549.1.7.1"
_SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
_SUBJECT_KEY_IDENTIFIER = 0x80  # SignerIdentifier [0] (RFC 5652 §5.3)
_DIRECTORY_NAME = 0xA4  # GeneralName [4] (RFC 5280 §4.2.1.6)


class Reference(NamedTuple):
    """What signing-certificate-v2 says of the signer's certificate (RFC 5035 §3): its hash, perhaps issuer, serial."""

    digest_alg: str
    digest: bytes
    issuer_serial: tuple[bytes, int] | None


class SignedDocument(NamedTuple):
    """What a document's CMS holds; `content` None when it is detached. `signed_attributes`: as signed, with tag 31."""

    content: bytes | None
    content_type: str
    certificates: tuple[bytes, ...]
    signer: bytes
    signed_attributes: bytes
    message_digest: bytes
    signing_time: datetime | None
    reference: Reference
    digest_alg: str
    signature_alg: str
    signature: bytes
    time_stamp: bytes | None = None
    """A token that nobody has looked at yet."""


class SignerInfo(NamedTuple):
    """`time_stamp`: the only unsigned attribute that there may be."""

    version: int
    identifier: Element
    digest_alg: str
    attributes: Element
    signature_alg: str
    signature: bytes
    time_stamp: bytes | None


def content_type(file: bytes, limit: int) -> str:
    """The eContentType of SignedData of at most `limit` bytes. Raises Refused (cms_size, cms_malformed)."""
    try:
        return encapsulated_of(signed_data(file, limit)[2])[0]
    except DerError as error:
        raise Refused("cms_malformed", str(error)) from error


def read(file: bytes, limit: int, *, stamped: bool = False) -> SignedDocument:
    """The parts of a ContentInfo with SignedData of at most `limit` bytes. Raises Refused.

    `stamped`: a time-stamp's token is taken, and the caller looks at it; no other part that no signature covers is.

    Codes: cms_size, cms_malformed, several_signers, unsigned_parts, algorithm_refused, attribute_missing,
    attribute_repeated, content_type, signer_missing.
    """
    try:
        found = _read(signed_data(file, limit))
    except DerError as error:
        raise Refused("cms_malformed", str(error)) from error
    if found.time_stamp is not None and not stamped:
        raise Refused("unsigned_parts", "a time-stamp")
    return found


def verify(signed: SignedDocument, content: bytes) -> None:
    """Whether the signer's key signed this content. Raises Refused.

    Codes: digest_mismatch, signing_certificate_mismatch, certificate_malformed, key_refused, algorithm_refused,
    signature_invalid.
    """
    if not hmac.compare_digest(hashlib.new(signed.digest_alg, content).digest(), signed.message_digest):
        raise Refused("digest_mismatch")
    reference = signed.reference
    if not hmac.compare_digest(hashlib.new(reference.digest_alg, signed.signer).digest(), reference.digest):
        raise Refused("signing_certificate_mismatch")
    if reference.issuer_serial not in (None, cms.issuer_and_serial(signed.signer)):
        raise Refused("signing_certificate_mismatch", "issuer and serial")
    certificate = cms.load(signed.signer)
    algorithms.verify(certificate, signed.signature_alg, signed.digest_alg, signed.signature, signed.signed_attributes)


def signed_data(file: bytes, limit: int) -> tuple[Element, ...]:
    """version, digestAlgorithms, encapContentInfo, then certificates, crls and signerInfos as far as they are there."""
    if len(file) > limit:
        raise Refused("cms_size", f"{len(file)} bytes")
    kind, explicit = der.exactly(2, der.children(der.read(file, limit=limit), der.SEQUENCE))
    if der.oid(kind) != cms.SIGNED_DATA:
        raise DerError("not SignedData")
    parts = der.children(der.only(der.children(explicit, der.CONTEXT_0)), der.SEQUENCE)
    if len(parts) < 4:
        raise DerError(f"SignedData of {len(parts)} elements")
    return parts


def _read(parts: tuple[Element, ...]) -> SignedDocument:
    version, digests, encapsulated, *optional, infos = parts
    kind, content = encapsulated_of(encapsulated)
    info = signer_info(infos)
    # RFC 5652 §5.1, for signers' certificates of X.509 alone
    if der.integer(version) != (1 if kind == DATA and info.version == 1 else 3):
        raise DerError("SignedData version")
    if algorithms.digest_name(der.only(der.set_of(digests)), DOCUMENTS) != info.digest_alg:
        raise DerError("digestAlgorithms differ from the signer's")
    sent = _certificates(optional)
    attributes = attributes_of(info.attributes)
    if der.oid(value_of(attributes, cms.CONTENT_TYPE)) != kind:  # RFC 5652 §11.1
        raise Refused("content_type", "the attribute names another")
    time = attributes.get(cms.SIGNING_TIME)
    return SignedDocument(
        content=content,
        content_type=kind,
        certificates=sent,
        signer=signer_of(sent, info.identifier),
        signed_attributes=bytes((der.SET,)) + info.attributes.raw[1:],  # RFC 5652 §5.4
        message_digest=der.expect(value_of(attributes, cms.MESSAGE_DIGEST), der.OCTET_STRING).content,
        signing_time=None if time is None else der.time(der.only(time)),
        reference=reference_of(value_of(attributes, cms.SIGNING_CERTIFICATE_V2)),
        digest_alg=info.digest_alg,
        signature_alg=info.signature_alg,
        signature=info.signature,
        time_stamp=info.time_stamp,
    )


def encapsulated_of(element: Element) -> tuple[str, bytes | None]:
    """(content type, content); None when the content is in a file of its own."""
    match der.children(element, der.SEQUENCE):
        case (kind,):
            return der.oid(kind), None
        case (kind, explicit):
            content = der.only(der.children(explicit, der.CONTEXT_0))
            return der.oid(kind), der.expect(content, der.OCTET_STRING).content
    raise DerError("encapContentInfo")


def _certificates(optional: list[Element]) -> tuple[bytes, ...]:
    match [element.tag for element in optional]:
        case [der.CONTEXT_0]:
            return cms.certificates_of(optional[0])
        case []:
            raise Refused("signer_missing", "no certificates")
        case [der.CONTEXT_1] | [der.CONTEXT_0, der.CONTEXT_1]:
            raise Refused("unsigned_parts", "crls")
    raise DerError("SignedData holds something else")


def signer_info(infos: Element) -> SignerInfo:
    """The only SignerInfo. Raises DerError, Refused."""
    found = der.set_of(infos)
    if len(found) > 1:
        raise Refused("several_signers", f"{len(found)} signers")
    parts = der.children(der.only(found), der.SEQUENCE)
    stamp = None
    if parts and parts[-1].tag == der.CONTEXT_1:
        stamp, parts = _time_stamp(parts[-1]), parts[:-1]
    if len(parts) > 3 and parts[3].tag != der.CONTEXT_0:
        raise Refused("attribute_missing", "no signed attributes")
    version, identifier, digest, attributes, algorithm, signature = der.exactly(6, parts)
    # RFC 5652 §5.3: 1 with issuerAndSerialNumber, 3 with subjectKeyIdentifier
    if (number := der.integer(version)) != (3 if identifier.tag == _SUBJECT_KEY_IDENTIFIER else 1):
        raise DerError("SignerInfo version")
    digest_alg = algorithms.digest_name(digest, DOCUMENTS)
    return SignerInfo(
        number,
        identifier,
        digest_alg,
        attributes,
        algorithms.signature_name(algorithm, digest_alg, DOCUMENTS),
        der.expect(signature, der.OCTET_STRING).content,
        stamp,
    )


def _time_stamp(unsigned: Element) -> bytes:
    """signature-time-stamp (ETSI EN 319 122-1 §5.3), alone and with one token."""
    attribute, *others = der.set_of(unsigned, der.CONTEXT_1) or (None,)
    if attribute is not None and not others:
        kind, values = der.exactly(2, der.children(attribute, der.SEQUENCE))
        if der.oid(kind) == _SIGNATURE_TIME_STAMP:
            return der.expect(der.only(der.set_of(values)), der.SEQUENCE).raw
    raise Refused("unsigned_parts", "unsigned attributes")


def signer_of(certificates: tuple[bytes, ...], identifier: Element) -> bytes:
    """The certificate that the identifier names. Raises DerError, Refused (signer_missing)."""
    if identifier.tag == _SUBJECT_KEY_IDENTIFIER:
        matching = [each for each in certificates if _key_identifier(each) == identifier.content]
    else:
        issuer, serial = der.exactly(2, der.children(identifier, der.SEQUENCE))
        wanted = der.expect(issuer, der.SEQUENCE).raw, der.integer(serial)
        matching = [each for each in certificates if cms.issuer_and_serial(each) == wanted]
    if len(matching) != 1:
        raise Refused("signer_missing", f"{len(matching)} of {len(certificates)} certificates match")
    return matching[0]


def _key_identifier(certificate: bytes) -> bytes | None:
    try:
        extensions = cms.load(certificate).extensions
        return extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def attributes_of(element: Element) -> dict[str, tuple[Element, ...]]:
    """Type → values. Those that are not named here are under the signature as well, and say nothing to us."""
    found: dict[str, tuple[Element, ...]] = {}
    for attribute in der.set_of(element, der.CONTEXT_0):
        kind, values = der.exactly(2, der.children(attribute, der.SEQUENCE))
        if (name := der.oid(kind)) in found:
            raise Refused("attribute_repeated", name)
        found[name] = der.set_of(values)
    return found


def value_of(attributes: dict[str, tuple[Element, ...]], name: str) -> Element:
    """The one value of an attribute. Raises DerError, Refused (attribute_missing)."""
    if name not in attributes:
        raise Refused("attribute_missing", name)
    return der.only(attributes[name])


def reference_of(value: Element) -> Reference:
    """SigningCertificateV2 (RFC 5035 §3): the first identifier is the signer's; others and policies may follow."""
    identifiers, *_ = der.at_least_one(der.children(value, der.SEQUENCE))
    first, *_ = der.at_least_one(der.children(identifiers, der.SEQUENCE))
    fields = list(der.children(first, der.SEQUENCE))
    # hashAlgorithm DEFAULT SHA-256
    named = bool(fields) and fields[0].tag == der.SEQUENCE
    digest_alg = algorithms.digest_name(fields.pop(0), DOCUMENTS) if named else "sha256"
    if len(fields) not in (1, 2):
        raise DerError("ESSCertIDv2")
    issuer_serial = _issuer_serial(fields[1]) if len(fields) == 2 else None
    return Reference(digest_alg, der.expect(fields[0], der.OCTET_STRING).content, issuer_serial)


def _issuer_serial(element: Element) -> tuple[bytes, int]:
    """IssuerSerial (RFC 5035 §3) whose only GeneralName is the issuer's directoryName."""
    names, serial = der.exactly(2, der.children(element, der.SEQUENCE))
    name = der.only(der.children(names, der.SEQUENCE))
    return der.only(der.children(name, _DIRECTORY_NAME)).raw, der.integer(serial)
