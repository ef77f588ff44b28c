"""The algorithms that count, and whether a certificate's key made a signature. Whom to believe is for trust.py."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from portal.refusals import Refused
from portal.signatures import der
from portal.signatures.der import DerError, Element

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192  # verification time grows with modulus and exponent, and a stranger chooses both
MAX_RSA_EXPONENT = 2**32

_NULL = b"\x05\x00"
# RFC 4055 §3.1: one hash, MGF1 with it, a salt as long as it; hashes with NULL, as §2.1 defines their identifiers.
_PSS_SHA256 = bytes.fromhex(
    "3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"
)
_SHA256_ARCS = bytes.fromhex("608648016503040201")


def _pss(arc: int, salt: int) -> bytes:
    """RSASSA-PSS-params with another hash of the family: its arc under 2.16.840.1.101.3.4.2, and the salt's bytes."""
    return _PSS_SHA256.replace(_SHA256_ARCS, _SHA256_ARCS[:-1] + bytes((arc,)))[:-1] + bytes((salt,))


_PSS = {"sha256": _PSS_SHA256, "sha384": _pss(2, 48), "sha512": _pss(3, 64)}
_CURVES = (ec.SECP256R1, ec.SECP384R1)
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


class Family(Enum):
    """What kind of key a signature algorithm is for."""

    RSA = "RSA"
    """PKCS#1 v1.5."""
    RSA_PSS = "RSA-PSS"
    EC = "EC"


# RFC 4055 §5: NULL with RSA; RFC 5758 §3.2: none with ECDSA
_PARAMETERS: dict[Family, list[bytes]] = {Family.RSA: [_NULL], Family.EC: []}


class Scheme(NamedTuple):
    """A signature algorithm; `digest` None: the digest is the one that the signer info names."""

    family: Family
    digest: str | None


@dataclass(frozen=True, eq=False)
class Algorithms:
    """The object identifiers that are taken: digest → name, signatureAlgorithm → scheme."""

    digests: dict[str, str]
    schemes: dict[str, Scheme]


_SHA256, _SHA384, _SHA512 = (f"2.16.840.1.101.3.4.2.{arc}" for arc in (1, 2, 3))

STATEMENTS = Algorithms(
    {_SHA256: "sha256", _SHA384: "sha384"},
    {
        "1.2.840.113549.1.1.11": Scheme(Family.RSA, "sha256"),
        "1.2.840.113549.1.1.10": Scheme(Family.RSA_PSS, "sha256"),
        "1.2.840.10045.4.3.2": Scheme(Family.EC, "sha256"),
        "1.2.840.10045.4.3.3": Scheme(Family.EC, "sha384"),
    },
)
"""What statements may use (docs/protocol.md)."""

DOCUMENTS = Algorithms(
    STATEMENTS.digests | {_SHA512: "sha512"},
    STATEMENTS.schemes
    | {
        "1.2.840.113549.1.1.1": Scheme(Family.RSA, None),  # RFC 3370 §3.2: what most programs write
        "1.2.840.113549.1.1.10": Scheme(Family.RSA_PSS, None),
        "1.2.840.113549.1.1.12": Scheme(Family.RSA, "sha384"),
        "1.2.840.113549.1.1.13": Scheme(Family.RSA, "sha512"),
        "1.2.840.10045.4.3.4": Scheme(Family.EC, "sha512"),
    },
)
"""What documents that were signed elsewhere may use."""


def digest_name(element: Element, known: Algorithms) -> str:
    """The digest of an AlgorithmIdentifier. Raises DerError, Refused (algorithm_refused)."""
    return _digest_name(element.raw, known)


def signature_name(element: Element, digest: str, known: Algorithms) -> str:
    """The signatureAlgorithm's identifier, which goes with the digest. Raises DerError, Refused (algorithm_refused)."""
    return _signature_name(element.raw, digest, known)


@lru_cache(maxsize=64)  # the same few in every message; what is refused is not kept
def _digest_name(identifier: bytes, known: Algorithms) -> str:
    element = der.read(identifier)
    kind, *parameters = der.at_least_one(der.children(element, der.SEQUENCE))
    # RFC 5754 §2: parameters absent; NULL must be accepted as well
    if [p.raw for p in parameters] not in ([], [_NULL]):
        raise DerError("AlgorithmIdentifier parameters")
    name = known.digests.get(der.oid(kind))
    if name is None:
        raise Refused("algorithm_refused", der.oid(kind))
    return name


@lru_cache(maxsize=64)
def _signature_name(identifier: bytes, digest: str, known: Algorithms) -> str:
    element = der.read(identifier)
    kind, *parameters = der.at_least_one(der.children(element, der.SEQUENCE))
    name = der.oid(kind)
    scheme = known.schemes.get(name)
    if scheme is None:
        raise Refused("algorithm_refused", name)
    wanted = [_PSS[digest]] if scheme.family is Family.RSA_PSS else _PARAMETERS[scheme.family]
    if [p.raw for p in parameters] != wanted:
        if scheme.family is Family.RSA_PSS:
            raise Refused("algorithm_refused", "RSASSA-PSS with other parameters")
        raise DerError("signatureAlgorithm parameters")
    if scheme.digest not in (None, digest):
        raise Refused("algorithm_refused", "digest and signature algorithms do not belong together")
    return name


def verify(certificate: x509.Certificate, name: str, digest: str, signature: bytes, data: bytes) -> None:
    """Whether the certificate's key made this signature. Raises Refused.

    Codes: key_refused, algorithm_refused, signature_invalid.
    """
    family, key = DOCUMENTS.schemes[name].family, _key(certificate)
    algorithm = _HASHES[digest]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            if family is Family.EC:
                raise Refused("algorithm_refused", "an RSA key with another algorithm")
            key.verify(signature, data, _padding(family, algorithm), algorithm)
        else:
            if family is not Family.EC:
                raise Refused("algorithm_refused", "an EC key with another algorithm")
            key.verify(signature, data, ec.ECDSA(algorithm))
    except InvalidSignature as error:
        raise Refused("signature_invalid") from error


def _padding(family: Family, algorithm: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    if family is Family.RSA_PSS:
        return padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
    return padding.PKCS1v15()


def _key(certificate: x509.Certificate) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused("key_refused", "unreadable") from error
    if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        if key.public_numbers().e > MAX_RSA_EXPONENT:
            raise Refused("key_refused", "RSA exponent")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    raise Refused("key_refused", type(key).__name__)
