"""Algorithms and key sizes below which no certificate, revocation list or OCSP response counts. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pyhanko_certvalidator.policy_decl import AlgorithmUsageConstraint, AlgorithmUsagePolicy

from portal.signatures.algorithms import MAX_RSA_BITS, MAX_RSA_EXPONENT, MIN_RSA_BITS

_HASHES = frozenset({"sha256", "sha384", "sha512"})
_SIGNATURES = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa"})
_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


class Algorithms(AlgorithmUsagePolicy):  # type: ignore[misc]  # the library ships no types
    """What certificates may be signed with: named ones alone, whatever else the validator knows."""

    def digest_algorithm_allowed(self, algo: Any, moment: datetime | None) -> AlgorithmUsageConstraint:
        return AlgorithmUsageConstraint(algo["algorithm"].native in _HASHES)

    def signature_algorithm_allowed(
        self, algo: Any, moment: datetime | None, public_key: Any
    ) -> AlgorithmUsageConstraint:
        allowed = signs_well(algo) and (public_key is None or long_enough(public_key))
        return AlgorithmUsageConstraint(allowed, failure_reason=None if allowed else "algorithm or key below the floor")


def signs_well(algorithm: Any) -> bool:
    """Whether a signature algorithm (asn1crypto's SignedDigestAlgorithm) is one that counts."""
    try:
        kind, digest = algorithm.signature_algo, algorithm.hash_algo
    except ValueError:  # asn1crypto's word for one that has no hash of its own, or that it does not know
        return False
    return kind in _SIGNATURES and digest in _HASHES


def long_enough(key: Any) -> bool:
    """Whether a public key (asn1crypto's PublicKeyInfo) is of a kind and size that counts."""
    match key.algorithm:
        case "rsa" | "rsassa_pss":
            numbers = key["public_key"].parsed
            exponent = numbers["public_exponent"].native
            return bool(MIN_RSA_BITS <= key.bit_size <= MAX_RSA_BITS and exponent <= MAX_RSA_EXPONENT)
        case "ec":
            form, name = key.curve
            return form == "named" and name in _CURVES
    return False
