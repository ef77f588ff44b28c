"""Certificates and what people read of them: the same for bridge and portal, which read them independently."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from asn1crypto import core, x509

from tests.procedure.example import CERTIFICATE
from tests.unit.certificates import Pair, certificate, constructed, name

CN, O, OU, C, STREET, L, ST = (f"2.5.4.{last}" for last in (3, 10, 11, 6, 9, 7, 8))  # noqa: E741  # X.520's names
DC, UID = "0.9.2342.19200300.100.1.25", "0.9.2342.19200300.100.1.1"
JPKI = "1.2.392.200149.8.5.5"
VALIDITY = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2032, 11, 20, 14, 59, 59, tzinfo=UTC))
ISSUER = name(
    [
        [Pair(C, core.PrintableString("JP"))],
        [Pair(O, core.UTF8String("eJapan2 Tech Center"))],
        [Pair(OU, core.UTF8String("CoreCA"))],
    ]
)


class Shown(NamedTuple):
    """What both sides are to say; None: the certificate does not."""

    subject: str
    serial: str
    expiry: str
    holder: str | None
    organization: str | None
    address: str | None
    issuer: str = "OU=CoreCA,O=eJapan2 Tech Center,C=JP"


class Vector(NamedTuple):
    der: bytes
    shown: Shown


def utf8(oid: str, text: str) -> Pair:
    return Pair(oid, core.UTF8String(text))


def single(*pairs: Pair) -> bytes:
    """A name of single-valued relative names."""
    return name([[pair] for pair in pairs])


def directory(*pairs: Pair) -> bytes:
    """A directoryName of subjectAltName (RFC 5280 §4.2.1.6), DER."""
    return constructed(0xA4, single(*pairs))


def other(last: int, text: str) -> bytes:
    """One of JPKI's otherNames, DER."""
    value = constructed(0xA0, bytes(core.UTF8String(text).dump()))
    return constructed(0xA0, bytes(core.ObjectIdentifier(f"{JPKI}.{last}").dump()) + value)


def alternative(*names: bytes) -> x509.Extension:
    written = core.ParsableOctetString(constructed(0x30, b"".join(names)))
    return x509.Extension({"extn_id": "subject_alt_name", "extn_value": written})


def issued(subject: bytes, *extensions: x509.Extension, serial: int = 121, until: datetime = VALIDITY[1]) -> bytes:
    return certificate(subject, ISSUER, serial=serial, validity=(VALIDITY[0], until), extensions=extensions)


_ROMAN = (utf8(O, "Hokutogumi"), utf8(CN, "Jiro Hokuto"))
_KANJI = (utf8(ST, "山口県"), utf8(L, "山口市"), utf8(O, "北東組株式会社"), utf8(CN, "北東 次郎"))
_PERSON = (other(1, "北東 次郎"), other(4, "3600101"), other(3, "1"), other(5, "山口県山口市中央町2丁目3番4号"))
_WHOLE = utf8(STREET, "Touzai Touzai-shi, chuo-cho 2-3-4")

VECTORS: dict[str, Vector] = {
    "the procedure's card": Vector(
        issued(single(Pair(C, core.PrintableString("JP")), _WHOLE, *_KANJI[2:])),
        Shown(
            r"CN=北東 次郎,O=北東組株式会社,STREET=Touzai Touzai-shi\, chuo-cho 2-3-4,C=JP",
            *(CERTIFICATE[key] for key in ("serial", "expiry", "holder", "organization", "address")),
        ),
    ),
    "a serial of twenty octets, the first second of a day in Tokyo, no address": Vector(
        issued(single(utf8(CN, "x")), serial=2**159 - 1, until=datetime(2032, 11, 19, 15, 0, 0, tzinfo=UTC)),
        Shown("CN=x", str(2**159 - 1), "2032/11/20", "x", None, None),
    ),
    "every short name of RFC 4514": Vector(
        issued(
            single(
                Pair(DC, core.IA5String("example")),
                *(utf8(oid, text) for oid, text in ((UID, "u"), (ST, "s"), (L, "l"), (OU, "ou"), (O, "o"), (CN, "c"))),
            )
        ),
        Shown("CN=c,O=o,OU=ou,L=l,ST=s,UID=u,DC=example", "121", "2032/11/20", "c", "o", "s l"),
    ),
    "types without a short name": Vector(
        issued(single(utf8("1.2.3.4", "y"), Pair("2.5.4.5", core.PrintableString("7")), utf8(CN, "x"))),
        Shown("CN=x,2.5.4.5=#130137,1.2.3.4=#0c0179", "121", "2032/11/20", "x", None, None),
    ),
    "escapes": Vector(
        issued(single(utf8(O, ' #a,b+"c";<d>\\e= '), utf8(CN, "#"))),
        Shown(r"CN=\#,O=\ #a\,b\+\"c\"\;\<d\>\\e=\ ", "121", "2032/11/20", "#", '#a,b+"c";<d>\\e=', None),
    ),
    "what would redraw its line": Vector(
        issued(single(utf8(O, "a\u202e\nb"), utf8(CN, "\u200b"))),
        Shown(r"CN=\e2\80\8b,O=a\e2\80\ae\0ab", "121", "2032/11/20", None, "ab", None),
    ),
    "BMPString, UniversalString, T.61": Vector(
        issued(
            single(
                Pair(L, core.UniversalString("𠮷野町")),
                Pair(O, core.BMPString("北東組")),
                Pair(CN, core.TeletexString("Jiro")),
            )
        ),
        Shown("CN=Jiro,O=北東組,L=𠮷野町", "121", "2032/11/20", "Jiro", "北東組", "𠮷野町"),
    ),
    "relative names of several values": Vector(
        issued(name([[utf8(C, "JP"), utf8(O, "組")], [utf8(CN, "a+b"), utf8(OU, "部")]])),
        Shown(r"CN=a\+b+OU=部,C=JP+O=組", "121", "2032/11/20", "a+b", "組", None),
    ),
    "kanji in the alternative name": Vector(
        issued(single(*_ROMAN), alternative(directory(*_KANJI))),
        Shown("CN=Jiro Hokuto,O=Hokutogumi", "121", "2032/11/20", "北東 次郎", "北東組株式会社", "山口県 山口市"),
    ),
    "Roman letters in the alternative name": Vector(
        issued(single(*_KANJI[2:]), alternative(directory(*_ROMAN))),
        Shown("CN=北東 次郎,O=北東組株式会社", "121", "2032/11/20", "北東 次郎", "北東組株式会社", None),
    ),
    "マイナンバーカード": Vector(
        issued(single(utf8(C, "JP"), utf8(CN, "20260101123456789")), alternative(*_PERSON)),
        Shown("CN=20260101123456789,C=JP", "121", "2032/11/20", "北東 次郎", None, "山口県山口市中央町2丁目3番4号"),
    ),
    "an otherName that nobody knows": Vector(
        issued(single(utf8(CN, "x")), alternative(other(99, "y"))),
        Shown("CN=x", "121", "2032/11/20", "x", None, None),
    ),
}
