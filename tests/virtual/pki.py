"""A small CA for the virtual card: the card of the procedure's own example, and whatever else a test needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.procedure.example import CERTIFICATE
from tests.virtual.piv import Key

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
ISSUER = x509.Name.from_rfc4514_string(CERTIFICATE["issuer"])
HOLDER = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
        x509.NameAttribute(NameOID.STREET_ADDRESS, CERTIFICATE["address"]),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, CERTIFICATE["organization"]),
        x509.NameAttribute(NameOID.COMMON_NAME, CERTIFICATE["holder"]),
    ]
)
SERIAL = int(CERTIFICATE["serial"])
NOT_AFTER = datetime(2032, 11, 20, 14, 59, 59, tzinfo=UTC)
"""The last second of 2032/11/20 in Asia/Tokyo."""
_TEN_YEARS = timedelta(days=3652)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class Authority(NamedTuple):
    """A CA with its key. One that exists already may be given instead of a fresh one."""

    certificate: x509.Certificate
    key: PrivateKey

    @classmethod
    def fresh(cls, now: datetime, name: x509.Name = ISSUER) -> Authority:
        key = rsa_key()
        builder = _builder(name, name, key, 1, (now - timedelta(days=1), now + _TEN_YEARS))
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    def issue(
        self,
        key: PrivateKey,
        now: datetime,
        *,
        subject: x509.Name = HOLDER,
        serial: int = SERIAL,
        not_after: datetime = NOT_AFTER,
        usages: tuple[str, ...] = ("digital_signature", "content_commitment"),
    ) -> bytes:
        """An end-entity certificate (RFC 5280), DER."""
        builder = _builder(subject, self.certificate.subject, key, serial, (now - timedelta(days=1), not_after))
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(*usages), critical=True)
            .add_extension(issuer_key, critical=False)
            .sign(self.key, hashes.SHA256())
            .public_bytes(serialization.Encoding.DER)
        )

    def crl(self, now: datetime) -> bytes:
        """An empty full CRL (RFC 5280 §5) with authority key identifier and number, DER."""
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - timedelta(hours=1))
            .next_update(now + _TEN_YEARS)
            .add_extension(issuer_key, critical=False)
            .add_extension(x509.CRLNumber(1), critical=False)
            .sign(self.key, hashes.SHA256())
            .public_bytes(serialization.Encoding.DER)
        )

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def card_key(authority: Authority, private: PrivateKey, now: datetime, *, serial: int = SERIAL) -> Key:
    """A key with the certificate of the procedure's example, ready for a card's slot."""
    return Key(private, authority.issue(private, now, serial=serial))


def _usage(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in wanted for name in _USAGES})


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, serial: int, validity: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
