"""A small PKI and a signer of statements for the portal's tests: asn1crypto and cryptography, nothing of the bridge."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import rfc8785
from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from portal.hours import Hours
from portal.registration.rules import Effect, RegistrationRules
from portal.settings import Settings, Site, TrustFolders
from tests.procedure.example import CERTIFICATE

# What is tested is what comes out, not how soon: a busy machine must not fail a parser.
UNHURRIED = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)
CONTENT_TYPE = "2.25.131956424689632016405682573716432307829"
ORIGIN = "https://localhost:22443"
AUDIENCE = "https://localhost:22443"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

ISSUER = x509.Name.from_rfc4514_string(CERTIFICATE["issuer"])


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key per name, made once: RSA keys are slow to make."""
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key(name: str, curve: str = "secp256r1") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key({"secp256r1": ec.SECP256R1(), "secp384r1": ec.SECP384R1()}[curve])


def subject(
    organization: str | None = CERTIFICATE["organization"], holder: str | None = CERTIFICATE["holder"]
) -> x509.Name:
    pairs = [
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.STREET_ADDRESS, CERTIFICATE["address"]),
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.COMMON_NAME, holder),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs if value is not None])


def usage(**on: bool) -> x509.KeyUsage:
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    names += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{name: on.get(name, False) for name in names})


@dataclass
class Card:
    """A leaf with its key, and the CA certificates it sends along."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()


@dataclass
class Authority:
    """A CA with one revocation list."""

    name: x509.Name = ISSUER
    key: Key = field(default_factory=lambda: rsa_key("authority"))
    parent: Authority | None = None

    def __post_init__(self) -> None:
        parent = self.parent or self
        self.certificate = (
            _builder(self.name, parent.name, self.key, 1 + (self.parent is not None))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(parent.key.public_key()), critical=False)
            .sign(parent.key, hashes.SHA256())
        )

    def issue(
        self,
        serial: int = int(CERTIFICATE["serial"]),
        name: x509.Name | None = None,
        key: Key | None = None,
        *,
        since: datetime = NOW - timedelta(days=10),
        until: datetime = datetime(2032, 11, 20, 14, 59, 59, tzinfo=UTC),
        key_usage: x509.KeyUsage | None = None,
        ca: bool = False,
        extra: Sequence[x509.ExtensionType] = (),
        critical_extra: bool = False,
    ) -> Card:
        key = key or rsa_key(f"card {serial}")
        builder = (
            _builder(name or subject(), self.name, key, serial, since, until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                key_usage or usage(digital_signature=True, content_commitment=True),
                critical=True,
            )
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for extension in extra:
            builder = builder.add_extension(extension, critical=critical_extra)
        return Card(builder.sign(self.key, hashes.SHA256()), key)

    def crl(
        self,
        *revoked: int,
        since: datetime = NOW - timedelta(hours=1),
        until: datetime = NOW + timedelta(days=7),
        number: int = 7,
        key: Key | None = None,
    ) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(since)
            .next_update(until)
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key or self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _builder(
    name: x509.Name,
    issuer: x509.Name,
    key: Key,
    serial: int,
    since: datetime = NOW - timedelta(days=365),
    until: datetime = NOW + timedelta(days=3650),
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(issuer, name, key.public_key(), serial, since, until)


class TrustFolder:
    """Trust folders on disk that a test fills and changes."""

    def __init__(self, root: Path) -> None:
        self.folders = TrustFolders(root / "anchors", root / "intermediates", root / "crls", root / "past-crls")
        for name in ("anchors", "intermediates", "crls", "past-crls"):
            (root / name).mkdir(parents=True)

    def anchor(self, authority: Authority, name: str = "ca") -> None:
        pem = authority.certificate.public_bytes(serialization.Encoding.PEM)
        (self.folders.anchors / f"{name}.pem").write_bytes(pem)

    def intermediate(self, authority: Authority, name: str = "sub") -> None:
        der = authority.certificate.public_bytes(serialization.Encoding.DER)
        (self.folders.intermediates / f"{name}.cer").write_bytes(der)

    def crl(self, der: bytes, name: str = "ca") -> None:
        (self.folders.crls / f"{name}.crl").write_bytes(der)

    def past_crl(self, der: bytes, name: str = "ca") -> None:
        (self.folders.past_crls / f"{name}.crl").write_bytes(der)


def settings(trust: TrustFolder, database: Path) -> Settings:
    # The procedure's own example lets 北東 次郎 register 日立 二郎's company.
    rules = RegistrationRules(holder=Effect.WARN)
    always = Hours(always_open=True)  # a test's clock may stand anywhere; tests of the hours set them
    site = Site(ORIGIN, AUDIENCE)
    return Settings(site=site, trust=trust.folders, database=database, registration=rules, hours=always)


def statement(card: Card, request: dict[str, Any], **replaced: Any) -> bytes:
    """The canonical statement of {type, action, aud, nonce, payload} for this card; `replaced` sets other fields."""
    value = {
        "v": 1,
        "type": request["type"],
        "action": request["action"],
        "origin": ORIGIN,
        "aud": request["aud"],
        "nonce": request["nonce"],
        "issuedAt": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cert": {"sha256": card.sha256},
        "payload": request["payload"],
    }
    return rfc8785.dumps({**value, **replaced})


def sign(
    content: bytes,
    card: Card,
    *,
    content_type: str = CONTENT_TYPE,
    attributes: Sequence[cms.CMSAttribute] | None = None,
    certificates: Sequence[bytes] | None = None,
    digest: str = "sha256",
) -> bytes:
    """Attached CMS SignedData over `content`, DER; every part can be replaced."""
    given = attributes if attributes is not None else signed_attributes(content, card, content_type, digest)
    sent = certificates if certificates is not None else [card.der, *_ders(card.chain)]
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber(
                    {"issuer": _parsed(card).issuer, "serial_number": _parsed(card).serial_number}
                ),
            ),
            "digest_algorithm": _digest_algorithm(digest),
            "signed_attrs": cms.CMSAttributes(list(given)),
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": _signature_name(card.key, digest)}),
            "signature": signature(card.key, cms.CMSAttributes(list(given)).dump(), digest),
        }
    )
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [_digest_algorithm(digest)],
            "encap_content_info": {
                "content_type": cms.ContentType(content_type),
                "content": core.ParsableOctetString(content),
            },
            "certificates": [cms.CertificateChoices("certificate", asn1_x509.Certificate.load(der)) for der in sent],
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())


def signed_attributes(
    content: bytes, card: Card, content_type: str = CONTENT_TYPE, digest: str = "sha256"
) -> list[cms.CMSAttribute]:
    """The four attributes of CAdES-B-B."""
    reference = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(card.der).digest()})]})
    values = {
        "content_type": cms.ContentType(content_type),
        "message_digest": core.OctetString(hashlib.new(digest, content).digest()),
        "signing_time": cms.Time("utc_time", core.UTCTime(NOW)),
        "signing_certificate_v2": reference,
    }
    return [cms.CMSAttribute({"type": cms.CMSAttributeType(name), "values": [value]}) for name, value in values.items()]


def signature(key: Key, data: bytes, digest: str = "sha256") -> bytes:
    algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha1": hashes.SHA1()}[digest]  # noqa: S303 - refused
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), algorithm)
    return key.sign(data, ec.ECDSA(algorithm))


def _digest_algorithm(name: str) -> algos.DigestAlgorithm:
    oid = algos.DigestAlgorithmId(name).dump()
    # Parameters absent (RFC 5754 §2), which asn1crypto reads but does not write.
    return algos.DigestAlgorithm.load(bytes((0x30, len(oid))) + oid)


def _signature_name(key: Key, digest: str) -> str:
    return f"{digest}_rsa" if isinstance(key, rsa.RSAPrivateKey) else f"{digest}_ecdsa"


def _parsed(card: Card) -> Any:
    return asn1_x509.Certificate.load(card.der)


def _ders(certificates: Sequence[x509.Certificate]) -> list[bytes]:
    return [certificate.public_bytes(serialization.Encoding.DER) for certificate in certificates]
