"""The time-stamp of a document's signature (RFC 3161, CAdES B-T): whether it is of this signature, and by whom.

A token that does not hold is a part that nobody protects, and refused as such. Whom to believe about the time is a
question of its own: the signature may be good though nobody here knows the authority.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

from portal.refusals import Refused
from portal.signatures import algorithms, certificate, cms, der
from portal.signatures.algorithms import DOCUMENTS
from portal.signatures.der import DerError, Element
from portal.signatures.trust import Trust
from portal.verification import document
from portal.verification.document import SignerInfo

TST_INFO = "1.2.840.113549.1.9.16.1.4"
MAX_BYTES = 64 * 1024
MAX_CERTIFICATES = 8
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_BEGIN = len("YYYYMMDDHHMMSS")


class Stamp(NamedTuple):
    """A token whose signer stamped this signature. `signer`: DER; `beside`: the certificates that came with it."""

    time: datetime
    serial: int
    policy: str
    signer: bytes
    beside: tuple[bytes, ...] = ()


class Judged(NamedTuple):
    """`refusal`: timestamp_untrusted, its fact the code of why its time is not believed; None when it is."""

    stamp: Stamp
    authority: str
    refusal: Refused | None


def read(token: bytes, signature: bytes) -> Stamp:
    """The token of a signature's value. Raises Refused (unsigned_parts)."""
    try:
        return _read(token, signature)
    except DerError as error:
        raise Refused("unsigned_parts", f"time-stamp: {error}") from error
    except Refused as refusal:
        raise Refused("unsigned_parts", f"time-stamp: {refusal}") from refusal


def believe(stamp: Stamp, now: datetime, trust: Trust | None) -> Judged:
    """Whether the authority may stamp time (RFC 3161 §2.3), and `trust` knows it, at the stated time and since."""
    try:
        _believe(stamp, now, trust)
    except Refused as refusal:
        untrusted = Refused("timestamp_untrusted", refusal.code)
        return Judged(stamp, certificate.read(stamp.signer).subject, untrusted)
    return Judged(stamp, certificate.read(stamp.signer).subject, None)


def _believe(stamp: Stamp, now: datetime, trust: Trust | None) -> None:
    if trust is None:
        raise Refused("certificate_untrusted", "nobody is trusted for time-stamps")
    loaded = cms.load(stamp.signer)
    if not _stamps_alone(loaded):
        raise Refused("key_usage", "not a certificate for time-stamps alone")
    if stamp.time > min(loaded.not_valid_after_utc, now):
        raise Refused("certificate_expired", "at the stated time")
    if stamp.time < loaded.not_valid_before_utc:
        raise Refused("certificate_not_yet_valid", "at the stated time")
    chain = trust.validate_expired(stamp.signer, now).chain
    if not all(each in chain or trust.vouches(each) or _is_named_as(each, chain[-1]) for each in stamp.beside):
        raise Refused("certificate_extra", "in the token")


def _is_named_as(certificate: bytes, anchor: bytes) -> bool:
    """Another CA's certificate for the very anchor, as authorities send along for whoever knows only the other."""
    one, two = cms.load(certificate), cms.load(anchor)
    try:
        return (one.subject, one.public_key()) == (two.subject, two.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):  # a key that cannot be read
        return False


def _stamps_alone(loaded: x509.Certificate) -> bool:
    try:
        found = loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return found.critical and list(found.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _read(token: bytes, signature: bytes) -> Stamp:
    version, digests, encapsulated, *optional, infos = document.signed_data(token, MAX_BYTES)
    kind, content = document.encapsulated_of(encapsulated)
    if kind != TST_INFO or content is None or der.integer(version) != 3:
        raise DerError("not a time-stamp token")
    info = document.signer_info(infos)
    if info.time_stamp is not None:
        raise Refused("unsigned_parts", "a time-stamp of a time-stamp")
    if algorithms.digest_name(der.only(der.set_of(digests)), DOCUMENTS) != info.digest_alg:
        raise DerError("digestAlgorithms differ from the signer's")
    if [element.tag for element in optional] != [der.CONTEXT_0]:
        raise DerError("certificates, and nothing else beside them")
    sent = _certificates(optional[0])
    signer = document.signer_of(sent, info.identifier)
    _check_attributes(info, content, signer)
    signed = bytes((der.SET,)) + info.attributes.raw[1:]
    algorithms.verify(cms.load(signer), info.signature_alg, info.digest_alg, info.signature, signed)
    return _stamp(content, signature, signer)._replace(beside=tuple(each for each in sent if each != signer))


def _certificates(element: Element) -> tuple[bytes, ...]:
    """In any order: authorities do not all sort them, and each is under a signature of its own."""
    found = tuple(der.expect(each, der.SEQUENCE).raw for each in der.children(element, der.CONTEXT_0))
    if not 1 <= len(found) <= MAX_CERTIFICATES or any(len(each) > cms.MAX_CERTIFICATE_SIZE for each in found):
        raise DerError(f"{len(found)} certificates")
    for each in found:
        cms.load(each)
    return found


def _check_attributes(info: SignerInfo, content: bytes, signer: bytes) -> None:
    found = document.attributes_of(info.attributes)
    if der.oid(document.value_of(found, cms.CONTENT_TYPE)) != TST_INFO:
        raise Refused("content_type", "the attribute names another")
    digest = der.expect(document.value_of(found, cms.MESSAGE_DIGEST), der.OCTET_STRING).content
    if not hmac.compare_digest(hashlib.new(info.digest_alg, content).digest(), digest):
        raise Refused("digest_mismatch")
    if cms.SIGNING_CERTIFICATE_V2 in found:
        reference = document.reference_of(document.value_of(found, cms.SIGNING_CERTIFICATE_V2))
    else:
        # RFC 2634 §5.4 knows SHA-1 alone; many authorities still send it, and the path is judged by itself
        first = document.reference_of(document.value_of(found, _SIGNING_CERTIFICATE))
        reference = first._replace(digest_alg="sha1")
    if not hmac.compare_digest(hashlib.new(reference.digest_alg, signer).digest(), reference.digest):
        raise Refused("signing_certificate_mismatch")


def _stamp(content: bytes, signature: bytes, signer: bytes) -> Stamp:
    """TSTInfo (RFC 3161 §2.4.2): the five fields that have to be there; of the others none may be critical."""
    parts = der.children(der.read(content), der.SEQUENCE)
    if len(parts) < 5 or der.integer(parts[0]) != 1:
        raise DerError("TSTInfo")
    hash_, imprint = der.exactly(2, der.children(parts[2], der.SEQUENCE))
    digest = hashlib.new(algorithms.digest_name(hash_, DOCUMENTS), signature).digest()
    if not hmac.compare_digest(digest, der.expect(imprint, der.OCTET_STRING).content):
        raise Refused("digest_mismatch", "of another signature")
    if any(map(_has_critical, parts[5:])):
        raise DerError("a critical extension")
    return Stamp(_time(parts[4]), der.integer(parts[3]), der.oid(parts[1]), signer)


def _has_critical(optional: Element) -> bool:
    """Whether these are extensions (the field [1]), and one of them is critical: its BOOLEAN is there then."""
    if optional.tag != der.CONTEXT_1:
        return False
    return any(len(der.children(each, der.SEQUENCE)) != 2 for each in der.children(optional, der.CONTEXT_1))


def _time(element: Element) -> datetime:
    """GeneralizedTime of RFC 3161 §2.4.2: seconds, perhaps a fraction without zeros at its end, Z."""
    text = der.expect(element, der.GENERALIZED_TIME).content
    whole, fraction = text[:_BEGIN], text[_BEGIN:-1]
    good = whole.isdigit() and len(whole) == _BEGIN and text[-1:] == b"Z"
    if fraction:
        good = good and fraction[:1] == b"." and fraction[1:].isdigit() and fraction[-1:] != b"0"
    if not good:
        raise DerError("expected genTime in its DER form")
    try:
        return datetime.strptime(whole.decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise DerError("a time that no calendar has") from error
