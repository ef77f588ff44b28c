"""X.500 names as text: RFC 4514 strings, and the parts that people look for. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from asn1crypto import core, parser, x509

# RFC 4514 §3: the short names that every reader knows; any other type is written as dotted OID and #hex.
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
"""By universal tag (X.680 §8.4). T.61 is long dead: OpenSSL, NSS and browsers read it as Latin-1 as well."""
_SPECIAL = frozenset('",+;<>\\')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that could redraw the line a name stands in: control, format (bidi), surrogates, line breaks."""


class Attribute(NamedTuple):
    oid: str
    text: str | None
    """None for a value that is no string."""
    der: bytes


Name = tuple[tuple[Attribute, ...], ...]
"""Relative distinguished names in the certificate's order; attributes of a multi-valued one in their DER order."""


def read(name: x509.Name) -> Name:
    """Raises ValueError for a name that is no sequence of attributes."""
    (sequence,) = _elements(bytes(name.chosen.untag().dump()))
    return tuple(
        tuple(_attribute(pair) for pair in _elements(relative.content)) for relative in _elements(sequence.content)
    )


def rfc4514(name: Name) -> str:
    """RFC 4514 §2: the most specific relative name first; attributes of one joined by +."""
    return ",".join("+".join(_pair(attribute) for attribute in relative) for relative in reversed(name))


def first(name: Name, short: str) -> str | None:
    """The first text of a type, for people: without invisible characters, None when absent or blank."""
    texts = (shown(attribute.text) for attribute in _all(name) if _SHORT.get(attribute.oid) == short)
    return next((text for text in texts if text), None)


def shown(value: str | None) -> str | None:
    """A text for people, without invisible characters; None when absent or blank."""
    return (value and _visible(value)) or None


def _all(name: Name) -> Iterator[Attribute]:
    return (attribute for relative in name for attribute in relative)


def _attribute(pair: _Element) -> Attribute:
    kind, value = _elements(pair.content)
    return Attribute(core.ObjectIdentifier.load(kind.der).dotted, text(value.der), value.der)


def text(der: bytes) -> str | None:
    """What a string of any ASN.1 type says; None for another value, and for octets that its type does not allow.

    Raises ValueError for what is no single element.
    """
    (value,) = _elements(der)
    encoding = _ENCODINGS.get(value.tag)
    try:
        return None if encoding is None else value.content.decode(encoding)
    except UnicodeDecodeError:
        return None


class _Element(NamedTuple):
    tag: int
    """Of the universal class, else -1."""
    content: bytes
    der: bytes


def _elements(octets: bytes) -> list[_Element]:
    """By hand, since asn1crypto refuses a whole certificate for a domainComponent that is no IA5String."""
    found = []
    while octets:
        tag_class, _, tag, header, content, trailer = parser.parse(octets)
        size = len(header) + len(content) + len(trailer)
        found.append(_Element(tag if tag_class == 0 else -1, content, octets[:size]))
        octets = octets[size:]
    return found


def _pair(attribute: Attribute) -> str:
    short = _SHORT.get(attribute.oid)
    if short is None or attribute.text is None:
        return f"{short or attribute.oid}=#{attribute.der.hex()}"
    return f"{short}={_escaped(attribute.text)}"


def _escaped(text: str) -> str:
    """RFC 4514 §2.4; invisible characters as hex pairs of their UTF-8."""
    last = len(text) - 1
    return "".join(_escaped_character(char, at == 0, at == last) for at, char in enumerate(text))


def _escaped_character(char: str, first_one: bool, last_one: bool) -> str:
    if unicodedata.category(char) in _INVISIBLE:
        return "".join(f"\\{octet:02x}" for octet in char.encode("utf-8", "surrogatepass"))
    if char in _SPECIAL or (first_one and char in " #") or (last_one and char == " "):
        return f"\\{char}"
    return char


def _visible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in _INVISIBLE).strip()
