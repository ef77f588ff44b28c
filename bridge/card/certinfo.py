"""A certificate as people read it, and as docs/protocol.md's Certificate object. Pure: the time is an argument."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from asn1crypto import keys, x509

from bridge.card import names
from bridge.errors import CertificateUnsuitable

TOKYO = timezone(timedelta(hours=9), "JST")
"""Japan keeps one offset all year; a fixed one needs no time zone database."""
SOON_DAYS = 60
"""From so many days before the expiry on, pages and people are told."""
_USAGES = {
    "digital_signature": "digitalSignature",
    "non_repudiation": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
    "encipher_only": "encipherOnly",
    "decipher_only": "decipherOnly",
}
"""asn1crypto's names → RFC 5280 §4.2.1.3, in the order of their bits."""
_AUTHENTICATION = frozenset({"1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2", "1.3.6.1.5.2.3.4"})
"""Extended key usages that prove a presence and sign no content: clientAuth, smart card logon, PKINIT (RFC 4556)."""
_JPKI = ("1.2.392.200149.8.5.5.1", "1.2.392.200149.8.5.5.5")
"""otherNames of JPKI's signature certificates (certificate profile of 公的個人認証サービス): name and address. Birth
date and sex stand beside them and are not read."""
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


class KeyInfo(NamedTuple):
    type: str
    """RSA | EC, else the algorithm's dotted OID."""
    bits: int
    curve: str | None

    def wire(self) -> dict[str, Any]:
        return {"type": self.type, "curve": self.curve} if self.curve else {"type": self.type, "bits": self.bits}


class Holder(NamedTuple):
    name: str | None
    organization: str | None
    address: str | None

    def wire(self) -> dict[str, str]:
        return {key: value for key, value in self._asdict().items() if value is not None}


class CertificateInfo(NamedTuple):
    """docs/protocol.md, Certificate. Times are RFC 3339 in UTC."""

    id: str
    """SHA-256 of the DER, lower-case hex."""
    subject: str
    issuer: str
    """RFC 4514."""
    serial: str
    """Decimal."""
    not_before: str
    not_after: str
    expiry: str
    """The last day of validity in Tokyo, YYYY/MM/DD."""
    state: str
    """valid | expired | notYetValid | unsuitable."""
    days_left: int
    """Whole days in Tokyo until the expiry date: 0 on the day itself, negative after it."""
    key: KeyInfo
    usages: tuple[str, ...]
    """Names of RFC 5280 §4.2.1.3; empty without the extension."""
    purpose: str
    """sign | auth."""
    holder: Holder
    authority: bool
    """A CA's certificate, not a signer's."""
    der: bytes

    def wire(self, reader: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "reader": reader,
            "subject": self.subject,
            "issuer": self.issuer,
            "serial": self.serial,
            "notBefore": self.not_before,
            "notAfter": self.not_after,
            "expiry": self.expiry,
            "state": self.state,
            "daysLeft": self.days_left,
            "expiresSoon": self.state == "valid" and self.days_left <= SOON_DAYS,
            "key": self.key.wire(),
            "usages": list(self.usages),
            "purpose": self.purpose,
            "holder": self.holder.wire(),
            "der": base64.b64encode(self.der).decode(),
        }


def describe(der: bytes, now: datetime) -> CertificateInfo:
    """Everything that is shown of a certificate (DER, RFC 5280) at a moment (aware).

    Raises CertificateUnsuitable for bytes that are no certificate.
    """
    timeless, not_before, not_after = _read(der)
    state = timeless.state or _state(not_before, not_after, now)
    left = not_after.astimezone(TOKYO).date() - now.astimezone(TOKYO).date()
    return timeless._replace(state=state, days_left=left.days)


def is_certificate(der: bytes) -> bool:
    """Whether `describe` can read it."""
    try:
        _read(der)
    except CertificateUnsuitable:
        return False
    return True


def issuer(der: bytes) -> str | None:
    """Who issued a signer's certificate (RFC 4514); None for a CA's, and for bytes that are no certificate."""
    try:
        info, _, _ = _read(der)
    except CertificateUnsuitable:
        return None
    return None if info.authority else info.issuer


def _state(not_before: datetime, not_after: datetime, now: datetime) -> str:
    if now > not_after:
        return "expired"
    return "notYetValid" if now < not_before else "valid"


@lru_cache(maxsize=64)
def _read(der: bytes) -> tuple[CertificateInfo, datetime, datetime]:
    """The same certificates are asked for again and again; their state is left open here unless it is for good."""
    try:
        return _parse(x509.Certificate.load(der, strict=True), der)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        # asn1crypto parses lazily and raises any of these for bytes that are not what they claim.
        raise CertificateUnsuitable(f"not a certificate: {type(error).__name__}") from error


def _parse(certificate: x509.Certificate, der: bytes) -> tuple[CertificateInfo, datetime, datetime]:
    content = certificate["tbs_certificate"]
    not_before, not_after = content["validity"]["not_before"].native, content["validity"]["not_after"].native
    subject, usages = names.read(certificate.subject), _usages(certificate)
    authority = bool(certificate.ca)
    info = CertificateInfo(
        id=hashlib.sha256(der).hexdigest(),
        subject=names.rfc4514(subject),
        issuer=names.rfc4514(names.read(certificate.issuer)),
        serial=str(certificate.serial_number),
        not_before=_rfc3339(not_before),
        not_after=_rfc3339(not_after),
        expiry=not_after.astimezone(TOKYO).strftime("%Y/%m/%d"),
        state="" if _can_sign(certificate, usages) else "unsuitable",
        days_left=0,
        key=_key(certificate.public_key),
        usages=usages,
        purpose=_purpose(usages, _extended_usages(certificate)),
        holder=_holder(subject, _alternative(certificate)),
        authority=authority,
        der=der,
    )
    return info, not_before, not_after


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _usages(certificate: x509.Certificate) -> tuple[str, ...]:
    value = certificate.key_usage_value
    present = value.native if value is not None else set()
    return tuple(name for bit, name in _USAGES.items() if bit in present)


def _can_sign(certificate: x509.Certificate, usages: tuple[str, ...]) -> bool:
    """RFC 5280 §4.2.1.3: without the extension the key may do everything. A CA's key signs no statements."""
    allowed = certificate.key_usage_value is None or not {"digitalSignature", "nonRepudiation"}.isdisjoint(usages)
    return allowed and not certificate.ca


def _extended_usages(certificate: x509.Certificate) -> frozenset[str]:
    value = certificate.extended_key_usage_value
    return frozenset(purpose.dotted for purpose in value) if value is not None else frozenset()


def _purpose(usages: tuple[str, ...], extended: frozenset[str]) -> str:
    """A key that may sign but not commit its holder is for authentication (RFC 3739 §3.2.3), and so is one whose
    certificate says so in extendedKeyUsage: RFC 5280 §4.2.1.12 wants a purpose that both extensions allow."""
    if extended and extended <= _AUTHENTICATION:
        return "auth"
    return "auth" if "digitalSignature" in usages and "nonRepudiation" not in usages else "sign"


def _key(key: keys.PublicKeyInfo) -> KeyInfo:
    match key.algorithm:
        case "rsa" | "rsassa_pss":
            return KeyInfo("RSA", key.bit_size, None)
        case "ec":
            _, curve = key.curve
            return KeyInfo("EC", key.bit_size, _CURVES.get(curve, curve))
    return KeyInfo(key["algorithm"]["algorithm"].dotted, 0, None)


class _Alternative(NamedTuple):
    """The holder in subjectAltName, where Japanese CAs write what a DN in Roman letters cannot hold."""

    directory: names.Name
    """The first directoryName."""
    name: str | None
    address: str | None
    """JPKI's otherNames."""


def _alternative(certificate: x509.Certificate) -> _Alternative:
    value = certificate.subject_alt_name_value
    found = list(value) if value is not None else []
    directories = [names.read(each.chosen) for each in found if each.name == "directory_name"]
    others = {each.chosen["type_id"].dotted: each.chosen["value"] for each in found if each.name == "other_name"}
    return _Alternative(directories[0] if directories else (), *(_other(others.get(oid)) for oid in _JPKI))


def _other(value: Any) -> str | None:
    return None if value is None else names.shown(names.text(bytes(value.parse().untag().dump())))


def _holder(subject: names.Name, alternative: _Alternative) -> Holder:
    def pick(short: str) -> str | None:
        return _kanji_first(names.first(subject, short), names.first(alternative.directory, short))

    places = _kanji_first(_place(subject), _place(alternative.directory))
    # JPKI's common name is a number of its own making.
    return Holder(alternative.name or pick("CN"), pick("O"), alternative.address or pick("STREET") or places)


def _kanji_first(own: str | None, alternative: str | None) -> str | None:
    """The alternative when it alone is in Japanese, or when there is nothing else."""
    if own is None or (alternative is not None and own.isascii() and not alternative.isascii()):
        return alternative
    return own


def _place(name: names.Name) -> str | None:
    return " ".join(part for short in ("ST", "L") if (part := names.first(name, short))) or None
