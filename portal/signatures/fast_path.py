"""A fast way to a yes. It may say nothing else: every no and every doubt is the full validator's to judge.

pyhanko-certvalidator judges the issuing CA, its revocation included. For its leaves that holds, as long as only what is
known here stands in certificates and lists: then signature, validity and the CA's own lists are all that is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID, SignatureAlgorithmOID

from portal.refusals import Refused
from portal.signatures import outline
from portal.signatures.cms import load
from portal.signatures.der import DerError
from portal.signatures.evidence import Evidence
from portal.signatures.trust_folders import Crl, Material

_DER = Encoding.DER
_REMOVED = x509.ReasonFlags.remove_from_crl
_SIGNATURES = frozenset(
    {
        *(SignatureAlgorithmOID.RSA_WITH_SHA256, SignatureAlgorithmOID.RSA_WITH_SHA384),
        *(SignatureAlgorithmOID.RSA_WITH_SHA512, SignatureAlgorithmOID.ECDSA_WITH_SHA256),
        *(SignatureAlgorithmOID.ECDSA_WITH_SHA384, SignatureAlgorithmOID.ECDSA_WITH_SHA512),
    }
)
_ANCHOR = frozenset(
    {
        *(ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE),
        *(ExtensionOID.SUBJECT_KEY_IDENTIFIER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER),
        *(ExtensionOID.CRL_DISTRIBUTION_POINTS, ExtensionOID.AUTHORITY_INFORMATION_ACCESS),
    }
)
# Policies mean nothing where none is demanded, and nothing here constrains them.
_AUTHORITY = _ANCHOR | {ExtensionOID.CERTIFICATE_POLICIES}
_LEAF = _AUTHORITY | {ExtensionOID.EXTENDED_KEY_USAGE, ExtensionOID.SUBJECT_ALTERNATIVE_NAME}
_LIST = frozenset(
    {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.ISSUING_DISTRIBUTION_POINT}
)
_ENTRY = frozenset({CRLEntryExtensionOID.CRL_REASON, CRLEntryExtensionOID.INVALIDITY_DATE})
# What cryptography raises on fields that it does not understand: a doubt.
_STUMBLES = (
    *(ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion),
    *(x509.DuplicateExtension, x509.UnsupportedGeneralNameType, x509.ExtensionNotFound),
    Refused,
)


_Said = Mapping[x509.ObjectIdentifier, x509.ExtensionType]
"""What a certificate or list says in its extensions, each of which it has once."""


class _Doubt(Exception):
    """Something that is not known here."""


class _List(NamedTuple):
    """A full list of the issuer's own: for leaves that name one of `points`, or for all of them (None)."""

    serials: frozenset[int]
    this_update: datetime
    next_update: datetime
    points: frozenset[x509.GeneralName] | None


class _Issuer(NamedTuple):
    """A CA whose path was judged good at `since`, and will be until `until`; `seen` is the evidence on a leaf of it."""

    key: object
    identifier: bytes | None
    lists: tuple[_List, ...]
    since: datetime
    until: datetime
    seen: Evidence


class FastPath:
    """Issuers as learnt from full validations with one state of the trust folders. For one thread at a time."""

    def __init__(self, material: Material, before: FastPath | None = None) -> None:
        self._material = material
        self._issuers: dict[bytes, _Issuer | None] = {}
        # The serial numbers of a list of 100,000 take a while: those of an unchanged list are kept.
        self._serials: dict[str, frozenset[int] | None] = {} if before is None else dict(before.serials(material.crls))
        self._answered = frozenset(serial for response in material.responses for serial in response.serials)

    def serials(self, lists: Iterable[Crl]) -> Mapping[str, frozenset[int] | None]:
        """SHA-256 → serial numbers, of those among the lists that are known."""
        return {crl.sha256: self._serials[crl.sha256] for crl in lists if crl.sha256 in self._serials}

    def accepts(self, leaf: bytes, now: datetime) -> Evidence | None:
        """The evidence for this certificate (DER), or None: ask the full validator."""
        try:
            issuer = self._issuers.get(outline.read(leaf).issuer)
            if issuer is None or not issuer.since <= now <= issuer.until:
                return None
            self._check(load(leaf), issuer, now)
            # As it stands there, and so with the very name that the issuer has.
            _require(outline.read(leaf).signed_by(issuer.key))
        except (_Doubt, *_STUMBLES):
            return None
        return issuer.seen._replace(chain=(leaf, *issuer.seen.chain[1:]), time=now)

    def issuer(self, leaf: bytes, now: datetime) -> bytes | None:
        """The one CA (DER) of its issuer's name, when nothing was learnt of it for this moment."""
        try:
            name = outline.read(leaf).issuer
        except DerError:
            return None
        known = self._issuers.get(name)
        if name in self._issuers and (known is None or known.since <= now <= known.until):
            return None
        named = {each.dump() for each in _authorities(self._material) if each.subject.dump() == name}
        return named.pop() if len(named) == 1 else None

    def doubt(self, issuer: bytes) -> None:
        """The CA's own path does not hold: its leaves are the full validator's."""
        self._issuers[asn1_x509.Certificate.load(issuer).subject.dump()] = None

    def learn(self, seen: Evidence, now: datetime) -> None:
        """From the full validator's yes to this leaf's issuer at this moment; it may have said nothing of the leaf."""
        if len(seen.chain) < 2 or seen.policies or seen.unlisted or seen.judged_at or seen.responses:
            return
        name = asn1_x509.Certificate.load(seen.chain[1]).subject.dump()
        known = self._issuers.get(name)
        if name in self._issuers and (known is None or known.since <= now <= known.until):
            return
        try:
            self._issuers[name] = self._issuer(seen, now)
        except (_Doubt, *_STUMBLES):
            self._issuers[name] = None

    def _issuer(self, seen: Evidence, now: datetime) -> _Issuer:
        chain = [load(each) for each in seen.chain[1:]]
        certificate = chain[0]
        for below, each in enumerate(chain):
            _check_authority(each, below)
            _require(each.not_valid_before_utc <= now <= each.not_valid_after_utc)
        for each in chain:
            _require(_known(each, _ANCHOR if each is chain[-1] else _AUTHORITY))
        self._check_alone(certificate)
        own = [crl for crl in self._material.crls if crl.issuer == _hashable(self._material, seen.chain[1])]
        lists = tuple(self._list(crl, certificate) for crl in own)
        ends = [each.not_valid_after_utc for each in chain]
        ends += [_given(crl.next_update) for crl in (*seen.crls, *own)]
        # A list of a time to come may name one of these CAs.
        ends += [crl.this_update for crl in self._material.crls if crl.this_update > now]
        return _Issuer(certificate.public_key(), _identifier(certificate), lists, now, min(ends), seen)

    def _check_alone(self, certificate: x509.Certificate) -> None:
        """No other CA of this name is here, and no list by one CA for another."""
        authorities = _authorities(self._material)
        (own,) = {each.subject.hashable for each in authorities if each.dump() == certificate.public_bytes(_DER)}
        _require(len({each.dump() for each in authorities if each.subject.hashable == own}) == 1)
        _require(not any(_indirect(crl.loaded) for crl in self._material.crls))

    def _list(self, crl: Crl, issuer: x509.Certificate) -> _List:
        loaded = crl.loaded
        _require(loaded.issuer.public_bytes() == issuer.subject.public_bytes())
        _require(loaded.signature_algorithm_oid in _SIGNATURES and {each.oid for each in loaded.extensions} <= _LIST)
        _require(_usage(issuer).crl_sign and crl.signed_by(issuer.public_key()))
        _check_key_identifier({each.oid: each.value for each in loaded.extensions}, _identifier(issuer))
        if crl.sha256 not in self._serials:
            self._serials[crl.sha256] = _serials(loaded)
        serials = self._serials[crl.sha256]
        if serials is None:
            raise _Doubt
        return _List(serials, crl.this_update, _given(crl.next_update), _points(loaded))

    def _check(self, leaf: x509.Certificate, issuer: _Issuer, now: datetime) -> None:
        _require(leaf.version is x509.Version.v3 and leaf.serial_number > 0)
        _require(leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc)
        said = {each.oid: each.value for each in leaf.extensions}
        _require(said.keys() <= _LEAF)
        _require(not _is_authority(said) and leaf.serial_number not in self._answered)
        _check_key_identifier(said, issuer.identifier)
        named = _named_points(said)
        for each in issuer.lists:
            _require(leaf.serial_number not in each.serials)
        _require(any(_covers(each, named, now) for each in issuer.lists))


def _require(holds: bool) -> None:
    if not holds:
        raise _Doubt


def _given(moment: datetime | None) -> datetime:
    if moment is None:
        raise _Doubt
    return moment


def _known(certificate: x509.Certificate, known: frozenset[x509.ObjectIdentifier]) -> bool:
    return all(each.oid in known for each in certificate.extensions)


def _authorities(material: Material) -> list[Any]:
    return [*(anchor.certificate for anchor in material.anchors), *material.intermediates]


def _hashable(material: Material, der: bytes) -> str:
    return next(str(each.subject.hashable) for each in _authorities(material) if each.dump() == der)


def _usage(certificate: x509.Certificate) -> x509.KeyUsage:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise _Doubt from error


def _check_authority(certificate: x509.Certificate, below: int) -> None:
    """It may issue certificates (RFC 5280 §6.1.4), with so many CAs below it."""
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    _require(basic.ca and _usage(certificate).key_cert_sign)
    _require(basic.path_length is None or basic.path_length >= below)


def _is_authority(said: _Said) -> bool:
    basic = said.get(ExtensionOID.BASIC_CONSTRAINTS)
    return isinstance(basic, x509.BasicConstraints) and basic.ca


def _identifier(issuer: x509.Certificate) -> bytes | None:
    try:
        return issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def _check_key_identifier(said: _Said, own: bytes | None) -> None:
    """An authority key identifier that is there names the issuer's key by the issuer's own word for it."""
    named = said.get(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    if named is None:
        return
    if not isinstance(named, x509.AuthorityKeyIdentifier) or own is None:
        raise _Doubt
    _require(named.authority_cert_issuer is None and named.authority_cert_serial_number is None)
    _require(named.key_identifier == own)


def _named_points(said: _Said) -> frozenset[x509.GeneralName]:
    """The names of the leaf's distribution points, which are all of the plain kind (RFC 5280 §4.2.1.13)."""
    points = said.get(ExtensionOID.CRL_DISTRIBUTION_POINTS)
    if points is None:
        return frozenset()
    if not isinstance(points, x509.CRLDistributionPoints):
        raise _Doubt
    for point in points:
        _require(point.full_name is not None and point.reasons is None and point.crl_issuer is None)
    return frozenset(name for point in points for name in point.full_name or ())


def _points(crl: x509.CertificateRevocationList) -> frozenset[x509.GeneralName] | None:
    """The names in an issuing distribution point (§5.2.5) of a list on all reasons and at least all leaves."""
    try:
        point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return None
    _require(not (point.indirect_crl or point.only_contains_ca_certs or point.only_contains_attribute_certs))
    _require(point.only_some_reasons is None and point.relative_name is None)
    return None if point.full_name is None else frozenset(point.full_name)


def _covers(each: _List, named: frozenset[x509.GeneralName], now: datetime) -> bool:
    current = each.this_update <= now <= each.next_update
    return current and (each.points is None or bool(each.points & named))


def _indirect(crl: x509.CertificateRevocationList) -> bool:
    try:
        return crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value.indirect_crl
    except x509.ExtensionNotFound:
        return False


def _serials(crl: x509.CertificateRevocationList) -> frozenset[int] | None:
    """The revoked serial numbers; None where an entry says something that is not known here."""
    found: set[int] = set()
    for entry in crl:
        for extension in entry.extensions:
            removed = isinstance(extension.value, x509.CRLReason) and extension.value.reason is _REMOVED
            if extension.oid not in _ENTRY or removed:
                return None
        found.add(entry.serial_number)
    return frozenset(found)
