"""Seeded PKIs and leaves, each with something that a verifier may overlook."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.unit import portal_pki as pki

_DAY = timedelta(days=1)
_NAME = x509.Name.from_rfc4514_string("CN=Cards,C=JP")
URL, _ELSEWHERE = (x509.UniformResourceIdentifier(f"http://{host}/cards.crl") for host in ("ca.example", "other"))
_REVOKED = range(900, 920)
_REASONS = frozenset({x509.ReasonFlags.key_compromise})
Extensions = list[tuple[x509.ExtensionType, bool]]
"""Each with whether it is critical."""


class Pki(NamedTuple):
    """Trust folders on disk, and the CA that issues leaves in them."""

    folder: pki.TrustFolder
    authority: pki.Authority


def pkis(root: Path, dice: random.Random) -> Iterator[Pki]:
    """One for each kind of CA with each kind of lists."""
    for number, (_extra, lists) in enumerate((extra, lists) for extra in _AUTHORITIES for lists in _LISTS):
        folder = pki.TrustFolder(root / str(number))
        above = pki.Authority(pki.ISSUER, pki.ec_key("above"))
        authority = _authority(above, _extra, dice)
        folder.anchor(above)
        folder.crl(above.crl(), "above")
        folder.intermediate(authority)
        for name, der in enumerate(lists(authority)):
            folder.crl(der, f"cards-{name}")
        yield Pki(folder, authority)


def leaf(made: Pki, dice: random.Random, serial: int) -> bytes:
    """A certificate with up to three oddities."""
    authority = made.authority
    key = pki.ec_key("leaf")
    since, until = dice.choice(_PERIODS) if dice.random() < 0.15 else _PERIODS[0]
    number = dice.choice(_REVOKED) if dice.random() < 0.1 else serial
    builder = x509.CertificateBuilder(authority.name, pki.subject(), key.public_key(), number, since, until)
    chosen: Extensions = [(pki.usage(digital_signature=True, content_commitment=True), True)]
    chosen += [(each, False) for each in (_identifier(authority), points([URL])) if dice.random() < 0.8]
    chosen += [dice.choice(_ODDITIES) for _ in range(dice.choice((0, 0, 1, 1, 2)))]
    for extension, critical in {extension.oid: (extension, critical) for extension, critical in chosen}.values():
        builder = builder.add_extension(extension, critical)
    signer = pki.ec_key("somebody") if dice.random() < 0.05 else authority.key
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _authority(above: pki.Authority, extra: Extensions, dice: random.Random) -> pki.Authority:
    made = pki.Authority(_NAME, pki.ec_key("cards"), above)
    since, until = pki.NOW - 300 * _DAY, pki.NOW + 3000 * _DAY
    builder = x509.CertificateBuilder(above.name, _NAME, made.key.public_key(), dice.randrange(2, 9999), since, until)
    usual: Extensions = [
        (x509.BasicConstraints(ca=True, path_length=dice.choice((None, 0, 3))), True),
        (pki.usage(key_cert_sign=True, crl_sign=True), True),
        (x509.SubjectKeyIdentifier.from_public_key(made.key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), False),
    ]
    for extension, critical in {each.oid: (each, critical) for each, critical in (*usual, *extra)}.values():
        builder = builder.add_extension(extension, critical)
    made.certificate = builder.sign(above.key, hashes.SHA256())
    return made


def _identifier(authority: pki.Authority) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def points(
    names: list[x509.UniformResourceIdentifier],
    reasons: frozenset[x509.ReasonFlags] | None = None,
    issuer: list[x509.GeneralName] | None = None,
) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints([x509.DistributionPoint(names, None, reasons, issuer)])


def _policies(name: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(name), None)])


def _constraints(names: list[x509.GeneralName] | None, without: list[x509.GeneralName] | None) -> x509.NameConstraints:
    return x509.NameConstraints(names, without)


_DIRECTORY = x509.DirectoryName(x509.Name.from_rfc4514_string("C=JP"))
_MAIL = x509.RFC822Name("a@example.jp")
_PERIODS: list[tuple[datetime, datetime]] = [
    (pki.NOW - 10 * _DAY, pki.NOW + 500 * _DAY),
    (pki.NOW - 10 * _DAY, pki.NOW - _DAY),
    (pki.NOW + _DAY, pki.NOW + 500 * _DAY),
    (pki.NOW, pki.NOW),
]
_ODDITIES: Extensions = [
    (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
    (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),
    (x509.BasicConstraints(ca=True, path_length=None), True),
    (x509.BasicConstraints(ca=False, path_length=None), False),
    (_policies("1.2.3.4.5"), True),
    (_policies("2.5.29.32.0"), False),
    (x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None), True),
    (x509.InhibitAnyPolicy(0), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True),
    (x509.SubjectAlternativeName([_MAIL]), False),
    (x509.SubjectAlternativeName([_DIRECTORY]), True),
    (x509.AuthorityKeyIdentifier(b"somebody else's key", None, None), False),
    (x509.AuthorityKeyIdentifier(None, [_DIRECTORY], 7), False),
    (points([_ELSEWHERE]), False),
    (points([URL], _REASONS), False),
    (points([URL], None, [_DIRECTORY]), True),
    (x509.FreshestCRL([x509.DistributionPoint([URL], None, None, None)]), False),
    (_constraints(None, [_MAIL]), True),
    (pki.usage(key_encipherment=True), True),
]
_AUTHORITIES: list[Extensions] = [
    [],
    [(_policies("1.2.3.4.5"), False)],
    [(_policies("1.2.3.4.5"), True), (x509.PolicyConstraints(0, None), True)],
    [(_constraints([_DIRECTORY], None), True)],
    [(_constraints(None, [_MAIL]), True)],
    [(x509.InhibitAnyPolicy(0), True)],
]
Lists = Callable[[pki.Authority], list[bytes]]


def crl(
    authority: pki.Authority,
    point: x509.IssuingDistributionPoint | None = None,
    *,
    since: datetime = pki.NOW - _DAY,
    until: datetime = pki.NOW + 7 * _DAY,
    key: pki.Key | None = None,
    entry: x509.ExtensionType | None = None,
    revoked: range = _REVOKED,
) -> bytes:
    # All at once: adding one by one copies the list each time.
    entries = [_entry(serial, since, entry) for serial in revoked]
    builder = x509.CertificateRevocationListBuilder(authority.name, since, until, [], entries)
    builder = builder.add_extension(x509.CRLNumber(7), critical=False)
    builder = builder.add_extension(_identifier(authority), critical=False)
    if point is not None:
        builder = builder.add_extension(point, critical=True)
    return builder.sign(key or authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _entry(serial: int, since: datetime, extension: x509.ExtensionType | None) -> x509.RevokedCertificate:
    one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
    return (one.add_extension(extension, critical=False) if extension else one).build()


def point(
    *,
    names: list[x509.GeneralName] | None = None,
    users: bool = False,
    authorities: bool = False,
    reasons: frozenset[x509.ReasonFlags] | None = None,
    indirect: bool = False,
) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(names, None, users, authorities, reasons, indirect, False)


_LISTS: list[Lists] = [
    lambda ca: [crl(ca)],
    lambda ca: [crl(ca, entry=x509.CRLReason(x509.ReasonFlags.key_compromise))],
    lambda ca: [crl(ca, entry=x509.CRLReason(x509.ReasonFlags.remove_from_crl))],
    lambda ca: [crl(ca, point(names=[URL]))],
    lambda ca: [crl(ca, point(names=[URL], users=True))],
    lambda ca: [crl(ca, point(users=True))],
    lambda ca: [crl(ca, point(authorities=True))],
    lambda ca: [crl(ca, point(reasons=_REASONS))],
    lambda ca: [crl(ca, point(names=[URL], indirect=True))],
    lambda ca: [
        crl(ca, point(names=[URL]), revoked=range(0)),
        crl(ca, point(names=[_ELSEWHERE])),
    ],
    lambda ca: [
        crl(ca, since=pki.NOW - 20 * _DAY, until=pki.NOW - 10 * _DAY),
        crl(ca, revoked=range(0)),
    ],
    lambda ca: [crl(ca, key=pki.ec_key("somebody")), crl(ca)],
    lambda ca: [
        crl(ca, revoked=range(0)),
        crl(ca, since=pki.NOW + _DAY, until=pki.NOW + 8 * _DAY),
    ],
]
