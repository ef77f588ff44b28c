"""The practice CA and the cards that it issues, as in the procedure's own example.

Serial 121, issuer OU=CoreCA,O=eJapan2 Tech Center,C=JP, valid until 2032/11/20 in Tokyo, 北東組株式会社; and serial 122
of the same holder, two years longer, for ICカード更新. Each installation makes its own CA: nobody else trusts it.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from bridge.card.practice.scenarios import Scenario

PIN = b"1234"
SERIAL = 121
NOT_AFTER = datetime(2032, 11, 20, 14, 59, 59, tzinfo=UTC)
"""2032/11/20 23:59:59 in Asia/Tokyo."""
RENEWAL_SERIAL = 122
RENEWAL_NOT_AFTER = datetime(2034, 11, 20, 14, 59, 59, tzinfo=UTC)
SCENARIO_SERIAL = 130
"""Of the first scenario's card; the others follow. None of them is the card that one registers with."""
ISSUER = x509.Name.from_rfc4514_string("OU=CoreCA,O=eJapan2 Tech Center,C=JP")
SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
        x509.NameAttribute(NameOID.STREET_ADDRESS, "Touzai Touzai-shi, chuo-cho 2-3-4"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "北東組株式会社"),
        x509.NameAttribute(NameOID.COMMON_NAME, "北東 次郎"),
    ]
)
_NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)
SIGNING: tuple[str, ...] = ("digital_signature", "content_commitment")


def ensure(directory: Path, now: datetime) -> None:
    """Make CA, revocation list and cards once; put a card into the reader. A locked or used card is left as it is."""
    if not practice_slot.card_file(directory).exists():
        issue(directory, now)
    if not practice_slot.card_file(directory, practice_slot.RENEWAL).exists():
        _issue_renewal(directory, now)
    if practice_slot.insertion(directory) is None:
        practice_slot.insert(directory)


def issue(directory: Path, now: datetime) -> None:
    """A new CA with new cards: ca.pem, ca.crl (DER), ca.key and the cards' files in the directory."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = _key()
    authority = _authority(key, now)
    (directory / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (directory / "ca.crl").write_bytes(revocation_list(authority, key, (), now))
    _write_private(directory / "ca.key", _pem(key))
    issue_card(directory, practice_slot.FIRST, SUBJECT, SERIAL, now, NOT_AFTER)
    _issue_renewal(directory, now)


def issue_card(
    directory: Path,
    name: str,
    subject: x509.Name,
    serial: int,
    now: datetime,
    until: datetime,
    *,
    usages: tuple[str, ...] = SIGNING,
    pin: bytes = PIN,
) -> None:
    """A card of the CA that the directory holds; by default its PIN is that of every practice card."""
    authority = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    authority_key = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), None)
    if not isinstance(authority_key, rsa.RSAPrivateKey):
        raise TypeError("the practice CA's key is RSA")
    key = _key()
    builder = _builder(subject, key, serial, now, until)
    certificate = _certificate(builder, key, authority_key, authority, usages)
    der = certificate.public_bytes(serialization.Encoding.DER)
    practice.write(directory, practice.Card.fresh(der, (), _pem(key), pin), name)


def issue_scenario(directory: Path, scenario: Scenario, now: datetime) -> None:
    """The scenario's card, new each time: nothing that an earlier one went through is remembered of it."""
    serial = SCENARIO_SERIAL + list(Scenario).index(scenario)
    issued, until = now, NOT_AFTER
    usages, pin, tries = SIGNING, PIN, practice.MAX_TRIES
    match scenario:
        case Scenario.WRONG_PIN:
            pin = secrets.token_bytes(16)  # nothing that a person can type
        case Scenario.LAST_TRY:
            tries = 1
        case Scenario.LOCKED:
            tries = 0
        case Scenario.EXPIRED:
            issued, until = now - timedelta(days=900), now - timedelta(days=2)
        case Scenario.NOT_YET_VALID:
            issued = now + timedelta(days=30)
        case Scenario.UNSUITABLE:
            usages = ("key_encipherment",)
    issue_card(directory, scenario, SUBJECT, serial, issued, until, usages=usages, pin=pin)
    practice.write(directory, practice.read(directory, scenario)._replace(tries_left=tries), scenario)


def _issue_renewal(directory: Path, now: datetime) -> None:
    issue_card(directory, practice_slot.RENEWAL, SUBJECT, RENEWAL_SERIAL, now, RENEWAL_NOT_AFTER)


def revocation_list(
    authority: x509.Certificate, key: rsa.RSAPrivateKey, revoked: tuple[int, ...], now: datetime
) -> bytes:
    """A full CRL (RFC 5280 §5), DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(now - timedelta(hours=1))
        .next_update(NOT_AFTER)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - timedelta(hours=1))
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _authority(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    usage = x509.KeyUsage(**{**_NO_USAGE, "key_cert_sign": True, "crl_sign": True})
    return (
        _builder(ISSUER, key, 1, now, RENEWAL_NOT_AFTER + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    builder: x509.CertificateBuilder,
    key: rsa.RSAPrivateKey,
    authority_key: rsa.RSAPrivateKey,
    authority: x509.Certificate,
    usages: tuple[str, ...],
) -> x509.Certificate:
    usage = x509.KeyUsage(**{**_NO_USAGE, **dict.fromkeys(usages, True)})
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        builder.issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(issuer_key, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, key: rsa.RSAPrivateKey, serial: int, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=ISSUER if subject is ISSUER else None,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=serial,
        not_valid_before=now - timedelta(days=1),
        not_valid_after=until,
    )


def _pem(key: rsa.RSAPrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)
