"""The PKCS#11 mechanisms that a signature can be had by, best first: what each leaves to the caller (pure).

Tokens differ. One hashes by itself, one wants the hash with its name, one the block as it goes into the key. PSS is
taken where nothing else is left, or where the certificate allows nothing else: fewer verifiers know it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import NamedTuple

from asn1crypto import algos, core
from pkcs11 import MGF, Mechanism

from bridge.card.signature.algorithms import SignatureAlgorithm
from bridge.errors import CardFailed

# DigestInfo of SHA-256 up to the hash (RFC 8017 §9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_SHA256_BYTES = 32
_P521_OCTETS = 66


class PublicKey(NamedTuple):
    """What the certificate says of its key."""

    kind: str
    """asn1crypto's name of the SubjectPublicKeyInfo's algorithm: rsa | rsassa_pss | ec | …"""
    octets: int
    """Length of the RSA modulus, or of the curve's order."""


class Method(NamedTuple):
    mechanism: Mechanism
    algorithm: SignatureAlgorithm
    prepare: Callable[[bytes, PublicKey], bytes]
    """What C_Sign gets, from the data that are to be signed."""
    parameter: tuple[int, ...] = ()
    """The mechanism's parameter, CK_ULONGs."""

    def finished(self, raw: bytes, key: PublicKey) -> bytes:
        """The signature value as CMS carries it: ECDSA's r‖s becomes a DER ECDSA-Sig-Value (RFC 5753 §7.2)."""
        return _ecdsa_der(raw, key) if self.algorithm is SignatureAlgorithm.ECDSA else raw


def _whole(data: bytes, key: PublicKey) -> bytes:
    return data


def _digest(data: bytes, key: PublicKey) -> bytes:
    return hashlib.sha256(data).digest()


def _digest_number(data: bytes, key: PublicKey) -> bytes:
    """ECDSA takes the hash as a number (FIPS 186-4 §6.4): zeros in front change nothing.

    PIV cards take only as many bytes as the curve has (SP 800-73-4 part 2, appendix A.4). Not on P-521, whose order
    is no whole number of bytes: a hash of 66 bytes would be cut.
    """
    digest = hashlib.sha256(data).digest()
    return digest if key.octets == _P521_OCTETS else digest.rjust(key.octets, b"\0")


def _digest_info(data: bytes, key: PublicKey) -> bytes:
    return _DIGEST_INFO + hashlib.sha256(data).digest()


def _padded(data: bytes, key: PublicKey) -> bytes:
    """EMSA-PKCS1-v1_5 (RFC 8017 §9.2)."""
    info = _digest_info(data, key)
    return b"\x00\x01" + b"\xff" * (key.octets - len(info) - 3) + b"\x00" + info


# CK_RSA_PKCS_PSS_PARAMS (PKCS#11 v2.40 mechanisms §2.1.9): hash, mask generation, length of the salt.
_PSS = (int(Mechanism.SHA256), int(MGF.SHA256), _SHA256_BYTES)
_RSA_PSS = (
    Method(Mechanism.SHA256_RSA_PKCS_PSS, SignatureAlgorithm.RSA_PSS, _whole, _PSS),
    Method(Mechanism.RSA_PKCS_PSS, SignatureAlgorithm.RSA_PSS, _digest, _PSS),
)
_RSA = (
    Method(Mechanism.SHA256_RSA_PKCS, SignatureAlgorithm.RSA_PKCS1, _whole),
    Method(Mechanism.RSA_PKCS, SignatureAlgorithm.RSA_PKCS1, _digest_info),
    Method(Mechanism.RSA_X_509, SignatureAlgorithm.RSA_PKCS1, _padded),
    *_RSA_PSS,
)
_EC = (
    Method(Mechanism.ECDSA, SignatureAlgorithm.ECDSA, _digest_number),
    Method(Mechanism.ECDSA_SHA256, SignatureAlgorithm.ECDSA, _whole),
)
# RFC 4055 §1.2: a key that a certificate names id-RSASSA-PSS is for nothing else.
_METHODS = {"rsa": _RSA, "rsassa_pss": _RSA_PSS, "ec": _EC}
KNOWN = frozenset(int(method.mechanism) for methods in _METHODS.values() for method in methods)


def choose(key: PublicKey, offered: Collection[int]) -> Method:
    """The best way that token and key offer. Raises CardFailed."""
    for method in _METHODS.get(key.kind, ()):
        if method.mechanism in offered:
            return method
    raise CardFailed(f"the token offers no mechanism for a key of type {key.kind}")


def _ecdsa_der(raw: bytes, key: PublicKey) -> bytes:
    """PKCS#11 v2.40 mechanisms §2.3.1: r and s, each as long as the order of the curve."""
    if len(raw) != 2 * key.octets:
        raise CardFailed(f"an ECDSA signature of {len(raw)} bytes is no pair of numbers of this curve")
    r, s = (core.Integer(int.from_bytes(part, "big")) for part in (raw[: key.octets], raw[key.octets :]))
    return bytes(algos.DSASignature({"r": r, "s": s}).dump())
