"""What people read of a certificate: serial, names, expiry, holder. Pure; whether to believe it is for trust.py."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509

from portal.refusals import Refused
from portal.signatures import der
from portal.signatures.cms import load
from portal.signatures.der import DerError, Element

# Japan keeps one offset all year; a fixed one needs no time zone database.
TOKYO = timezone(timedelta(hours=9), "JST")

# RFC 4514 §3: the short names that every reader knows; all other types are written as dotted OID and #hex.
_SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
_ENCODINGS = {
    12: "utf-8",
    18: "ascii",
    19: "ascii",
    20: "latin-1",
    22: "ascii",
    26: "ascii",
    28: "utf-32-be",
    30: "utf-16-be",
}
# otherNames of JPKI's signature certificates (certificate profile of 公的個人認証サービス)
_JPKI_NAME, _JPKI_ADDRESS = "1.2.392.200149.8.5.5.1", "1.2.392.200149.8.5.5.5"
_SPECIAL = frozenset('",+;<>\\')


class CertificateView(NamedTuple):
    """A certificate for people: serial decimal, names by RFC 4514, expiry YYYY/MM/DD in Tokyo; None where absent."""

    sha256: str
    serial: str
    issuer: str
    subject: str
    expiry: str
    not_after: datetime
    holder: str | None
    organization: str | None
    address: str | None


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of the DER, hex in lower case."""
    return hashlib.sha256(certificate).hexdigest()


@lru_cache(maxsize=1024)  # each step of a visit shows or files its certificate
def read(certificate: bytes) -> CertificateView:
    """What the pages show of a certificate (DER). Raises Refused (certificate_malformed)."""
    loaded = load(certificate)
    subject, issuer = _relative_names(loaded.subject), _relative_names(loaded.issuer)
    alternative = _alternative(loaded)

    def pick(short: str) -> str | None:
        return _kanji_first(_first(subject, short), _first(alternative.directory, short))

    place = _kanji_first(_place(subject), _place(alternative.directory))
    return CertificateView(
        sha256=fingerprint(certificate),
        serial=str(loaded.serial_number),
        issuer=_rfc4514(issuer),
        subject=_rfc4514(subject),
        expiry=expiry(loaded.not_valid_after_utc),
        not_after=loaded.not_valid_after_utc,
        holder=alternative.name or pick("CN"),  # JPKI's common name is a number of its own making
        organization=pick("O"),
        address=alternative.address or pick("STREET") or place,
    )


def expiry(not_after: datetime) -> str:
    """The last day of validity in Tokyo, YYYY/MM/DD."""
    return not_after.astimezone(TOKYO).strftime("%Y/%m/%d")


class _Attribute(NamedTuple):
    oid: str
    value: Element

    def text(self) -> str | None:
        return _text(self.value)


def _text(value: Element) -> str | None:
    """What a string of any ASN.1 type says; None for another value, and for octets that its type does not allow."""
    encoding = _ENCODINGS.get(value.tag)
    try:
        return None if encoding is None else value.content.decode(encoding)
    except UnicodeDecodeError:
        return None


class _Alternative(NamedTuple):
    """The holder in subjectAltName, where Japanese CAs write what a DN in Roman letters cannot hold."""

    directory: list[list[_Attribute]]
    name: str | None
    address: str | None


def _alternative(loaded: x509.Certificate) -> _Alternative:
    """The first directoryName, and JPKI's otherNames for name and address; what else they tell is not read."""
    try:
        found = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return _Alternative([], None, None)
    directories = found.get_values_for_type(x509.DirectoryName)
    others = {each.type_id.dotted_string: each.value for each in found.get_values_for_type(x509.OtherName)}
    directory = _relative_names(directories[0]) if directories else []
    return _Alternative(directory, _other(others.get(_JPKI_NAME)), _other(others.get(_JPKI_ADDRESS)))


def _other(value: bytes | None) -> str | None:
    try:
        text = None if value is None else _text(der.read(value))
    except DerError as error:
        raise Refused("certificate_malformed", "otherName") from error
    return (text and _printable(text)) or None


def _kanji_first(own: str | None, alternative: str | None) -> str | None:
    """The alternative when it alone is in Japanese, or when there is nothing else."""
    if own is None or (alternative is not None and own.isascii() and not alternative.isascii()):
        return alternative
    return own


def _relative_names(name: x509.Name) -> list[list[_Attribute]]:
    try:
        return [[_attribute(a) for a in der.children(rdn, der.SET)] for rdn in _sequence(name.public_bytes())]
    except DerError as error:
        raise Refused("certificate_malformed", "name") from error


def _sequence(data: bytes) -> tuple[Element, ...]:
    return der.children(der.read(data), der.SEQUENCE)


def _attribute(element: Element) -> _Attribute:
    parts = der.children(element, der.SEQUENCE)
    if len(parts) != 2:
        raise DerError("AttributeTypeAndValue")
    return _Attribute(der.oid(parts[0]), parts[1])


def _rfc4514(names: list[list[_Attribute]]) -> str:
    """RFC 4514 §2: the last relative name first, attributes of one joined by +."""
    return ",".join("+".join(_pair(a) for a in name) for name in reversed(names))


def _pair(attribute: _Attribute) -> str:
    short, text = _SHORT.get(attribute.oid), attribute.text()
    if short is None or text is None:
        return f"{short or attribute.oid}=#{attribute.value.raw.hex()}"
    return f"{short}={_escaped(text)}"


def _escaped(text: str) -> str:
    """RFC 4514 §2.4; control and bidi characters as hex pairs, so that no name can redraw its line."""
    last = len(text) - 1
    return "".join(_escaped_character(c, index == 0, index == last) for index, c in enumerate(text))


def _escaped_character(character: str, first: bool, last: bool) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
        return "".join(f"\\{octet:02x}" for octet in character.encode())
    leading = first and character in " #"
    if character in _SPECIAL or leading or (last and character == " "):
        return f"\\{character}"
    return character


def _first(names: list[list[_Attribute]], short: str) -> str | None:
    """The first value of a type, as text for a page: without control characters, None when absent or blank."""
    for attribute in (a for name in names for a in name if _SHORT.get(a.oid) == short):
        text = attribute.text()
        if text is not None and (shown := _printable(text)):
            return shown
    return None


def _printable(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp")).strip()


def _place(names: list[list[_Attribute]]) -> str | None:
    return " ".join(part for short in ("ST", "L") if (part := _first(names, short))) or None
