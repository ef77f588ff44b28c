"""A certification authority that lives for some milliseconds: it issues this computer's leaves and is forgotten.

Browsers take up a changed root only when they start again, so all leaves of the root's lifetime are issued at
once, in consecutive windows. The authority's key is never written: nothing that is stolen from this computer
later can issue, and what the root may vouch for at all is fixed by its critical name constraints.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.identity import COMMON_NAME

LEAVES: Final = 5
LEAF_LIFE: Final = timedelta(days=800)  # Apple's limit for roots that a user installed is 825 days
OVERLAP: Final = timedelta(days=30)
BACKDATED: Final = timedelta(days=1)  # a PC whose clock was put right by some hours after installing
ROOT_LIFE: Final = LEAVES * LEAF_LIFE - (LEAVES - 1) * OVERLAP  # ten years and seven months: no leaf outlives its root

NAMES: Final[tuple[x509.GeneralName, ...]] = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
)
# A list without iPAddress would leave every IP address permitted (RFC 5280 §4.2.1.10: only named forms are restricted).
PERMITTED: Final[tuple[x509.GeneralName, ...]] = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_network("127.0.0.1/32")),
    x509.IPAddress(ipaddress.ip_network("::1/128")),
)


class Leaf(NamedTuple):
    """`pem`: PKCS#8 key and certificate in one text; the window in seconds since 1970 (UTC), both ends included."""

    pem: bytes
    not_before: int
    not_after: int


class Issued(NamedTuple):
    """`root`: the certificate's DER. Its key is gone."""

    root: bytes
    leaves: tuple[Leaf, ...]


def issue(now: float) -> Issued:
    """A new root and its leaves, the first of which is valid at `now` (seconds since 1970)."""
    start = datetime.fromtimestamp(now, UTC).replace(microsecond=0) - BACKDATED
    key = ec.generate_private_key(ec.SECP256R1())
    root = _root(key, start)
    step = LEAF_LIFE - OVERLAP
    leaves = tuple(_leaf(key, root, start + number * step) for number in range(LEAVES))
    return Issued(root.public_bytes(Encoding.DER), leaves)


def _root(key: ec.EllipticCurvePrivateKey, start: datetime) -> x509.Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # The key's own digest in the name: two computers' roots never share a subject, which browsers would confuse.
    name = _name(COMMON_NAME + identifier.digest.hex()[:16])
    return (
        _builder(name, name, key.public_key(), start, ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certificates=True), critical=True)
        .add_extension(x509.NameConstraints(PERMITTED, None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(issuer_key: ec.EllipticCurvePrivateKey, root: x509.Certificate, start: datetime) -> Leaf:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    certificate = (
        _builder(_name("localhost"), root.subject, key.public_key(), start, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(NAMES), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    ends = start + LEAF_LIFE
    return Leaf(private + certificate.public_bytes(Encoding.PEM), int(start.timestamp()), int(ends.timestamp()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
    )


def _name(common_name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Card Bridge (this computer only)")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=False,  # a key that is gone signs no revocation list
        encipher_only=False,
        decipher_only=False,
    )
