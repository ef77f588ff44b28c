"""What the pages show of a certificate, against RFC 4514 and openssl."""

from __future__ import annotations

import contextlib
import subprocess
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID, ObjectIdentifier

from portal.refusals import Refused
from portal.signatures import certificate
from tests.procedure.example import CERTIFICATE
from tests.unit import portal_pki as pki


def view(name: x509.Name, **options: object) -> certificate.CertificateView:
    return certificate.read(pki.Authority().issue(name=name, **options).der)  # type: ignore[arg-type]  # options of issue


def named(*pairs: tuple[ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def test_the_procedures_example() -> None:
    card = pki.Authority().issue()
    shown = certificate.read(card.der)
    assert {name: getattr(shown, name) for name in CERTIFICATE} == CERTIFICATE
    assert shown.sha256 == card.sha256


def test_long_serials_are_decimal() -> None:
    assert view(pki.subject(), serial=2**158).serial == str(2**158)


def test_expiry_is_the_day_in_tokyo() -> None:
    assert view(pki.subject(), until=datetime(2032, 11, 19, 15, 0, 0, tzinfo=UTC)).expiry == "2032/11/20"
    assert view(pki.subject(), until=datetime(2032, 11, 19, 14, 59, 59, tzinfo=UTC)).expiry == "2032/11/19"


def test_address_from_place_or_absent() -> None:
    place = named((NameOID.STATE_OR_PROVINCE_NAME, "山口県"), (NameOID.LOCALITY_NAME, "山口市"))
    assert view(place).address == "山口県 山口市"
    bare = view(named((NameOID.COMMON_NAME, "x")))
    assert (bare.address, bare.organization) == (None, None)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a,b", "CN=a\\,b"),
        ('#a+b"c\\d<e>f;', 'CN=\\#a\\+b\\"c\\\\d\\<e\\>f\\;'),
        (" a ", "CN=\\ a\\ "),
        ("a\nb", "CN=a\\0ab"),
        ("a\u202eb", "CN=a\\e2\\80\\aeb"),
        ("北東", "CN=北東"),
    ],
)
def test_escapes(value: str, written: str) -> None:
    assert view(named((NameOID.COMMON_NAME, value))).subject == written


def test_unnamed_types_are_dotted_with_hex() -> None:
    name = named((NameOID.COMMON_NAME, "x"), (ObjectIdentifier("1.2.3.4"), "y"))
    assert view(name).subject == "1.2.3.4=#0c0179,CN=x"


def test_several_values_of_one_relative_name() -> None:
    both = x509.RelativeDistinguishedName(
        [x509.NameAttribute(NameOID.COMMON_NAME, "a"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "b")]
    )
    assert view(x509.Name([both])).subject == "CN=a+O=b"


def test_bmp_strings_are_read() -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "北東", _ASN1Type.BMPString)])
    assert view(name).holder == "北東"


def test_a_name_cannot_redraw_a_line() -> None:
    assert view(named((NameOID.COMMON_NAME, "a\u202e\nb"))).holder == "ab"


def test_agrees_with_openssl() -> None:
    card = pki.Authority().issue(name=named((NameOID.COUNTRY_NAME, "JP"), (NameOID.COMMON_NAME, 'a,b+"c"')))
    command = ["openssl", "x509", "-inform", "DER", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"]
    done = subprocess.run(command, input=card.der, capture_output=True, check=True)
    assert done.stdout.decode().strip() == f"subject={certificate.read(card.der).subject}"


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"not a certificate"])
def test_what_is_no_certificate(der: bytes) -> None:
    with pytest.raises(Refused, match="certificate_malformed"):
        certificate.read(der)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_certificate_with_any_flipped_bit_is_read_or_refused() -> None:
    """What the parser behind it stumbles over is a refusal as well: a name of BIT STRINGs is one (TypeError)."""
    whole = pki.Authority().issue(7, pki.subject("a" * 5), pki.ec_key("read")).der
    for position in range(len(whole) * 8):
        mutated = bytearray(whole)
        mutated[position // 8] ^= 1 << position % 8
        with contextlib.suppress(Refused):
            assert certificate.read(bytes(mutated)).serial
