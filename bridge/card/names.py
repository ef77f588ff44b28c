"""X.500 names as text: RFC 4514 strings, and the parts that people look for. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from asn1crypto import core, x509

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
    return tuple(tuple(_attribute(pair) for pair in relative) for relative in name.chosen)


def rfc4514(name: Name) -> str:
    """RFC 4514 §2: the most specific relative name first; attributes of one joined by +."""
    return ",".join("+".join(_pair(attribute) for attribute in relative) for relative in reversed(name))


def first(name: Name, short: str) -> str | None:
    """The first text of a type, for people: without invisible characters, None when absent or blank."""
    texts = (attribute.text for attribute in _all(name) if _SHORT.get(attribute.oid) == short)
    shown = (_visible(text) for text in texts if text is not None)
    return next((text for text in shown if text), None)


def _all(name: Name) -> Iterator[Attribute]:
    return (attribute for relative in name for attribute in relative)


def _attribute(pair: x509.NameTypeAndValue) -> Attribute:
    value = pair["value"]
    chosen = value.chosen if isinstance(value, core.Choice) else value
    if isinstance(chosen, core.Any):
        chosen = chosen.parse()
    return Attribute(pair["type"].dotted, _text(chosen), bytes(chosen.dump()))


def _text(value: core.Asn1Value) -> str | None:
    if not isinstance(value, core.AbstractString):
        return None
    if isinstance(value, core.TeletexString):
        # ITU-T T.61 is long dead: what calls itself so holds Latin-1 (OpenSSL, NSS and browsers read it the same way).
        return bytes(value.contents).decode("latin-1")
    return str(value.native)


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
