"""Whether a certificate may stamp time for us: its one purpose, its path to the anchors that policy names (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ExtensionType, verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store

from bridge.errors import TimestampUntrusted

MAX_DEPTH = 4
"""Certificates between the authority's own and its anchor."""
MAX_ANCHOR_BYTES = 1 << 20
_SUFFIXES = frozenset({".pem", ".cer", ".crt", ".der"})
_MIN_RSA, _MAX_RSA, _MAX_EXPONENT = 2048, 8192, 2**32


def anchors(place: Path) -> list[x509.Certificate]:
    """Certificates of a file, or of a folder's files, PEM or DER. Raises TimestampUntrusted."""
    try:
        files = (
            sorted(each for each in place.iterdir() if each.suffix.lower() in _SUFFIXES) if place.is_dir() else [place]
        )
        found = [certificate for file in files for certificate in _certificates(file)]
    except (OSError, ValueError, x509.InvalidVersion) as error:
        raise TimestampUntrusted(f"anchors cannot be read: {type(error).__name__}") from error
    if not found:
        raise TimestampUntrusted("no anchor is named")
    return found


def _certificates(file: Path) -> list[x509.Certificate]:
    with file.open("rb") as opened:
        data = opened.read(MAX_ANCHOR_BYTES)
    if b"-----BEGIN CERTIFICATE-----" in data:
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def require_authority(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], trusted: list[x509.Certificate], moment: datetime
) -> None:
    """`others`: what the token brought along; `moment`: the token's own. Raises TimestampUntrusted.

    Purpose as RFC 3161 §2.3 has it, path as RFC 5280 §6. Revocation is for whoever verifies the document later.
    """
    if not long_enough(leaf):
        raise TimestampUntrusted("a key of a kind or size that does not count")
    builder = PolicyBuilder().store(Store(trusted)).time(moment).max_chain_depth(MAX_DEPTH)
    verifier = builder.extension_policies(ca_policy=_AUTHORITY, ee_policy=_STAMPER).build_client_verifier()
    try:
        verifier.verify(leaf, list(others))
    except (verification.VerificationError, ValueError) as error:
        raise TimestampUntrusted(f"no path: {error}") from error


def long_enough(certificate: x509.Certificate) -> bool:
    """Of keys that cost much to verify with, none counts, nor of a kind that cannot be read."""
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        return False
    if isinstance(key, rsa.RSAPublicKey):
        return _MIN_RSA <= key.key_size <= _MAX_RSA and key.public_numbers().e <= _MAX_EXPONENT
    return isinstance(key, ec.EllipticCurvePublicKey)


def _is_authority(policy: Policy, certificate: x509.Certificate, constraints: ExtensionType | None) -> None:
    if not isinstance(constraints, x509.BasicConstraints) or not constraints.ca:
        raise ValueError("an issuer that is no CA")


def _may_issue(policy: Policy, certificate: x509.Certificate, usage: ExtensionType | None) -> None:
    if isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign:
        raise ValueError("an issuer that may sign no certificate")


def _may_sign(policy: Policy, certificate: x509.Certificate, usage: ExtensionType | None) -> None:
    if isinstance(usage, x509.KeyUsage) and not (usage.digital_signature or usage.content_commitment):
        raise ValueError("a key that may sign nothing")


def _stamps_alone(policy: Policy, certificate: x509.Certificate, usage: ExtensionType | None) -> None:
    if not isinstance(usage, x509.ExtendedKeyUsage) or list(usage) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("a certificate for something else than time-stamps")


_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
)
_STAMPER = (
    ExtensionPolicy.permit_all()
    # RFC 3161 §2.3: critical, and no other purpose
    .require_present(x509.ExtendedKeyUsage, Criticality.CRITICAL, _stamps_alone)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
)
