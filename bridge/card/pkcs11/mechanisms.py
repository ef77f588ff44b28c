"""The PKCS#11 mechanisms that a signature can be had by, best first: what each leaves to the caller (pure).

Tokens differ. One hashes by itself, one wants the hash with its name, one the block as it goes into the key. PSS is
taken where nothing else is left, or where the certificate allows nothing else: fewer verifiers know it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import NamedTuple

from asn1crypto import algos, core
from pkcs11 import MGF, Mechanism

from bridge.card.signature.algorithms import STATEMENT, Hash, How, SignatureAlgorithm
from bridge.errors import CardFailed

# DigestInfo up to the hash (RFC 8017 §9.2, note 1).
_DIGEST_INFO = {
    Hash.SHA256: bytes.fromhex("3031300d060960864801650304020105000420"),
    Hash.SHA384: bytes.fromhex("3041300d060960864801650304020205000430"),
    Hash.SHA512: bytes.fromhex("3051300d060960864801650304020305000440"),
}
_P521_OCTETS = 66


class PublicKey(NamedTuple):
    """What the certificate says of its key."""

    kind: str
    """asn1crypto's name of the SubjectPublicKeyInfo's algorithm: rsa | rsassa_pss | ec | …"""
    octets: int
    """Length of the RSA modulus, or of the curve's order."""


class _Own(NamedTuple):
    """The mechanisms of one hash."""

    rsa: Mechanism
    pss: Mechanism
    ecdsa: Mechanism
    hash: Mechanism
    mask: MGF


_OWN = {
    Hash.SHA256: _Own(
        Mechanism.SHA256_RSA_PKCS,
        Mechanism.SHA256_RSA_PKCS_PSS,
        Mechanism.ECDSA_SHA256,
        Mechanism.SHA256,
        MGF.SHA256,
    ),
    Hash.SHA384: _Own(
        Mechanism.SHA384_RSA_PKCS,
        Mechanism.SHA384_RSA_PKCS_PSS,
        Mechanism.ECDSA_SHA384,
        Mechanism.SHA384,
        MGF.SHA384,
    ),
    Hash.SHA512: _Own(
        Mechanism.SHA512_RSA_PKCS,
        Mechanism.SHA512_RSA_PKCS_PSS,
        Mechanism.ECDSA_SHA512,
        Mechanism.SHA512,
        MGF.SHA512,
    ),
}


class Method(NamedTuple):
    mechanism: Mechanism
    algorithm: SignatureAlgorithm
    shape: Callable[[bytes, PublicKey, How], bytes]
    """What C_Sign gets, from the data that are to be signed."""
    parameter: tuple[int, ...] = ()
    """The mechanism's parameter, CK_ULONGs."""
    how: How = STATEMENT

    def prepare(self, data: bytes, key: PublicKey) -> bytes:
        """What C_Sign gets, from the data that are to be signed."""
        return self.shape(data, key, self.how)

    def finished(self, raw: bytes, key: PublicKey) -> bytes:
        """The signature value as CMS carries it: ECDSA's r‖s becomes a DER ECDSA-Sig-Value (RFC 5753 §7.2)."""
        return _ecdsa_der(raw, key) if self.algorithm is SignatureAlgorithm.ECDSA else raw


def _whole(data: bytes, key: PublicKey, how: How) -> bytes:
    return data


def _digest(data: bytes, key: PublicKey, how: How) -> bytes:
    return how.digest(data)


def _digest_number(data: bytes, key: PublicKey, how: How) -> bytes:
    """ECDSA takes the hash as a number (FIPS 186-4 §6.4): zeros in front change nothing, and of a hash longer than the
    order its first bits count.

    PIV cards take only as many bytes as the curve has (SP 800-73-4 part 2, appendix A.4). Not on P-521, whose order
    is no whole number of bytes: a hash of 66 bytes would be cut.
    """
    digest = how.digest(data)
    return digest if key.octets == _P521_OCTETS else digest[: key.octets].rjust(key.octets, b"\0")


def _digest_info(data: bytes, key: PublicKey, how: How) -> bytes:
    return _DIGEST_INFO[how.hash] + how.digest(data)


def _padded(data: bytes, key: PublicKey, how: How) -> bytes:
    """EMSA-PKCS1-v1_5 (RFC 8017 §9.2)."""
    info = _digest_info(data, key, how)
    return b"\x00\x01" + b"\xff" * (key.octets - len(info) - 3) + b"\x00" + info


def _pss(how: How) -> tuple[Method, ...]:
    own, algorithm = _OWN[how.hash], SignatureAlgorithm.RSA_PSS
    # CK_RSA_PKCS_PSS_PARAMS (PKCS#11 v2.40 mechanisms §2.1.9): hash, mask generation, length of the salt.
    parameter = (int(own.hash), int(own.mask), how.hash.octets)
    return (
        Method(own.pss, algorithm, _whole, parameter, how),
        Method(Mechanism.RSA_PKCS_PSS, algorithm, _digest, parameter, how),
    )


def _rsa(how: How) -> tuple[Method, ...]:
    algorithm = SignatureAlgorithm.RSA_PKCS1
    return (
        Method(_OWN[how.hash].rsa, algorithm, _whole, (), how),
        Method(Mechanism.RSA_PKCS, algorithm, _digest_info, (), how),
        Method(Mechanism.RSA_X_509, algorithm, _padded, (), how),
        *_pss(how),
    )


def _ec(how: How) -> tuple[Method, ...]:
    algorithm = SignatureAlgorithm.ECDSA
    return (
        Method(Mechanism.ECDSA, algorithm, _digest_number, (), how),
        Method(_OWN[how.hash].ecdsa, algorithm, _whole, (), how),
    )


# RFC 4055 §1.2: a key that a certificate names id-RSASSA-PSS is for nothing else.
_METHODS = {"rsa": _rsa, "rsassa_pss": _pss, "ec": _ec}


@lru_cache
def _methods(kind: str, how: How) -> tuple[Method, ...]:
    """Best first. A mechanism that hashes by itself is of no use to a hash that is there already."""
    known = _METHODS[kind](how) if kind in _METHODS else ()
    return tuple(method for method in known if not (how.hashed and method.shape is _whole))


KNOWN = frozenset(int(method.mechanism) for kind in _METHODS for used in Hash for method in _methods(kind, How(used)))


def choose(key: PublicKey, offered: Collection[int], how: How = STATEMENT) -> Method:
    """The best way that token and key offer. Raises CardFailed."""
    for method in _methods(key.kind, how):
        if method.mechanism in offered:
            return method
    raise CardFailed(f"the token offers no mechanism for a key of type {key.kind} with {how.hash.value}")


def _ecdsa_der(raw: bytes, key: PublicKey) -> bytes:
    """PKCS#11 v2.40 mechanisms §2.3.1: r and s, each as long as the order of the curve."""
    if len(raw) != 2 * key.octets:
        raise CardFailed(f"an ECDSA signature of {len(raw)} bytes is no pair of numbers of this curve")
    r, s = (core.Integer(int.from_bytes(part, "big")) for part in (raw[: key.octets], raw[key.octets :]))
    return bytes(algos.DSASignature({"r": r, "s": s}).dump())
