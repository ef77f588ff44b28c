"""The private key that belongs to a certificate on a token, and how it is asked for a CMS signature value."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any, NamedTuple

import pkcs11
from asn1crypto import algos, core
from pkcs11 import Attribute, CertificateType, KeyType, Mechanism, ObjectClass

from bridge.errors import CardFailed, NoCertificate

# DigestInfo of SHA-256 up to the hash (RFC 8017 §9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class SigningKey(NamedTuple):
    """Handle and mechanism as PKCS#11 wants them."""

    handle: int
    mechanism: int
    always_authenticate: bool
    """CKA_ALWAYS_AUTHENTICATE: the PIN is wanted for each signature."""

    def prepared(self, data: bytes) -> bytes:
        """What C_Sign gets: the data, its hash, or the hash with its name, as the mechanism leaves to the caller."""
        match self.mechanism:
            case Mechanism.SHA256_RSA_PKCS:
                return data
            case Mechanism.RSA_PKCS:
                return _DIGEST_INFO + hashlib.sha256(data).digest()
        return hashlib.sha256(data).digest()

    def finished(self, raw: bytes) -> bytes:
        """The signature value as CMS carries it: ECDSA's r‖s becomes a DER Ecdsa-Sig-Value (RFC 3279 §2.2.3)."""
        return _ecdsa_der(raw) if self.mechanism == Mechanism.ECDSA else raw


def certificates(session: Any) -> list[bytes]:
    """Every X.509 certificate that the session shows, DER. Raises PKCS11Error."""
    wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509}
    return [bytes(found[Attribute.VALUE]) for found in session.get_objects(wanted)]


def find(session: Any, certificate: bytes, mechanisms: Collection[Any]) -> SigningKey:
    """The key with the CKA_ID of a certificate (DER). Raises NoCertificate, CardFailed, PKCS11Error."""
    key = _private_key(session, _key_id(session, certificate))
    handle, mechanism = int(key.handle), _mechanism(key, mechanisms)
    return SigningKey(handle, int(mechanism), _always_authenticate(key))


def _key_id(session: Any, certificate: bytes) -> bytes:
    """By comparing values here: some libraries do not search by CKA_VALUE."""
    for found in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        if bytes(found[Attribute.VALUE]) == certificate:
            return bytes(found[Attribute.ID])
    raise NoCertificate("the token does not hold that certificate")


def _private_key(session: Any, key_id: bytes) -> Any:
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id}))
    if len(found) != 1:
        raise CardFailed(f"{len(found)} private keys stand behind the certificate")
    return found[0]


def _mechanism(key: Any, offered: Collection[Any]) -> Mechanism:
    """The hash by the card where it offers that, else by us."""
    wanted = {
        KeyType.RSA: (Mechanism.SHA256_RSA_PKCS, Mechanism.RSA_PKCS),
        KeyType.EC: (Mechanism.ECDSA,),
    }.get(key.key_type, ())
    for mechanism in wanted:
        if mechanism in offered:
            return mechanism
    raise CardFailed(f"the token offers no mechanism for its key of type {key.key_type}")


def _always_authenticate(key: Any) -> bool:
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except pkcs11.AttributeTypeInvalid:
        return False  # PKCS#11 v2.40 §4.9: false where it is not told


def _ecdsa_der(raw: bytes) -> bytes:
    if not raw or len(raw) % 2:
        raise CardFailed(f"an ECDSA signature of {len(raw)} bytes is no pair of numbers")
    half = len(raw) // 2
    r, s = (core.Integer(int.from_bytes(part, "big")) for part in (raw[:half], raw[half:]))
    return bytes(algos.DSASignature({"r": r, "s": s}).dump())
