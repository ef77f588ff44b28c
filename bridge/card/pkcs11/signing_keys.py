"""The private key that belongs to a certificate on a token, and how it is asked for a CMS signature value."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, CertificateType, ObjectClass

from bridge.card.pkcs11.cryptoki import Cryptoki
from bridge.card.pkcs11.mechanisms import Method, PublicKey, choose
from bridge.card.signature.algorithms import How
from bridge.errors import CardFailed, NoCertificate


class SigningKey(NamedTuple):
    handle: int
    offered: frozenset[int]
    """Mechanisms that token and key allow."""
    public: PublicKey
    always_authenticate: bool
    """CKA_ALWAYS_AUTHENTICATE: the PIN is wanted for each signature."""

    def method(self, how: How) -> Method:
        """The best way to sign so. Raises CardFailed."""
        return choose(self.public, self.offered, how)


def certificates(session: Any) -> list[bytes]:
    """Every X.509 certificate that the session shows, DER. Raises PKCS11Error."""
    wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509}
    return [bytes(found[Attribute.VALUE]) for found in session.get_objects(wanted)]


def find(session: Any, native: Cryptoki, certificate: bytes, offered: Collection[int]) -> SigningKey:
    """The key with the CKA_ID of a certificate (DER). Raises NoCertificate, CardFailed, PKCS11Error.

    `offered`: the token's mechanisms, which the key may narrow.
    """
    key = _private_key(session, _key_id(session, certificate))
    allowed = native.allowed_mechanisms(session.handle, key.handle)
    public = public_key(certificate)
    usable = frozenset(offered) & frozenset(allowed) if allowed else frozenset(offered)
    return SigningKey(int(key.handle), usable, public, _always_authenticate(key))


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


def public_key(certificate: bytes) -> PublicKey:
    """What a certificate (DER) says of its key."""
    key = x509.Certificate.load(certificate).public_key
    return PublicKey(key.algorithm, (key.bit_size + 7) // 8)


def _always_authenticate(key: Any) -> bool:
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except pkcs11.AttributeTypeInvalid:
        return False  # PKCS#11 v2.40 §4.9: false where it is not told
