"""Certificates as people read them; names against openssl's own rendering."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core, x509
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.card.certinfo import CertificateInfo, describe, is_certificate
from bridge.errors import CertificateUnsuitable
from tests.unit.certificates import Pair, certificate, name

CN, O, OU, C, STREET, L, ST = (f"2.5.4.{last}" for last in (3, 10, 11, 6, 9, 7, 8))  # noqa: E741  # X.520's names
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
VALIDITY = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2032, 11, 20, 14, 59, 59, tzinfo=UTC))
ISSUER = name([[Pair(C, core.PrintableString("JP"))], [Pair(O, core.UTF8String("eJapan2 Tech Center"))]])


def utf8(oid: str, text: str) -> list[Pair]:
    return [Pair(oid, core.UTF8String(text))]


def described(subject: bytes, **fields: object) -> CertificateInfo:
    der = certificate(subject, ISSUER, **{"validity": VALIDITY, **fields})  # type: ignore[arg-type]  # field by field
    return describe(der, NOW)


def usage(*bits: str) -> x509.Extension:
    return x509.Extension({"extn_id": "key_usage", "critical": True, "extn_value": x509.KeyUsage(set(bits))})


@pytest.mark.parametrize(("text", "shown"), [("#", r"\#"), ("#a#", r"\#a#"), (" ", r"\ "), ("  a  ", r"\  a \ ")])
def test_what_stands_at_the_ends_of_a_value(text: str, shown: str) -> None:
    assert described(name([utf8(CN, text)])).subject == f"CN={shown}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(core.Integer(7), "#020107", id="no string"),
        pytest.param(core.BMPString(contents=b"\xd8\x00"), "#1e02d800", id="half a surrogate pair"),
        pytest.param(core.UTF8String(contents=b"\xff"), "#0c01ff", id="no UTF-8"),
        pytest.param(core.UTF8String("x"), "x", id="a domain component in UTF-8"),
    ],
)
def test_a_value_without_a_text_is_written_as_its_octets(value: core.Asn1Value, shown: str) -> None:
    oid, short = ("0.9.2342.19200300.100.1.25", "DC") if shown == "x" else (CN, "CN")
    assert described(name([[Pair(oid, value)]])).subject == f"{short}={shown}"


def test_names_cannot_redraw_the_line_they_stand_in() -> None:
    info = described(name([utf8(CN, "abc\u202edef\ngh")]))
    assert info.subject == r"CN=abc\e2\80\aedef\0agh"
    assert info.holder.name == "abcdefgh"


def test_the_procedures_own_card() -> None:
    subject = name(
        [
            [Pair(C, core.PrintableString("JP"))],
            utf8(STREET, "Touzai Touzai-shi, chuo-cho 2-3-4"),
            utf8(O, "北東組株式会社"),
            utf8(CN, "北東 次郎"),
        ]
    )
    info = described(subject, serial=121, extensions=[usage("digital_signature", "non_repudiation")])
    assert info.subject == r"CN=北東 次郎,O=北東組株式会社,STREET=Touzai Touzai-shi\, chuo-cho 2-3-4,C=JP"
    assert (info.issuer, info.serial, info.expiry) == ("O=eJapan2 Tech Center,C=JP", "121", "2032/11/20")
    assert info.holder == ("北東 次郎", "北東組株式会社", "Touzai Touzai-shi, chuo-cho 2-3-4")
    assert (info.state, info.purpose, info.usages) == ("valid", "sign", ("digitalSignature", "nonRepudiation"))


def test_the_object_of_the_protocol_has_exactly_its_fields() -> None:
    wire = described(name([utf8(CN, "x")]), serial=2**159 + 1).wire("reader 1")
    expected = "id reader subject issuer serial notBefore notAfter expiry state daysLeft expiresSoon key usages purpose"
    assert " ".join(wire) == f"{expected} holder der"
    assert wire["serial"] == str(2**159 + 1)
    assert (wire["notBefore"], wire["notAfter"]) == ("2026-01-01T00:00:00Z", "2032-11-20T14:59:59Z")
    assert wire["key"] == {"type": "EC", "curve": "P-256"}
    assert wire["holder"] == {"name": "x"}


@pytest.mark.parametrize(
    ("not_after", "expiry", "days"),
    [
        pytest.param(datetime(2026, 11, 24, 14, 59, 59, tzinfo=UTC), "2026/11/24", 0, id="last second of today"),
        pytest.param(datetime(2026, 11, 24, 15, 0, 0, tzinfo=UTC), "2026/11/25", 1, id="first second of tomorrow"),
    ],
)
def test_the_day_of_expiry_is_tokyos(not_after: datetime, expiry: str, days: int) -> None:
    info = described(name([utf8(CN, "x")]), validity=(VALIDITY[0], not_after))
    assert (info.expiry, info.days_left, info.state) == (expiry, days, "valid")


@pytest.mark.parametrize(
    ("not_after", "soon"),
    [
        pytest.param(datetime(2027, 1, 23, 14, 59, 59, tzinfo=UTC), True, id="60 days"),
        pytest.param(datetime(2027, 1, 23, 15, 0, 0, tzinfo=UTC), False, id="61 days"),
        pytest.param(NOW - timedelta(seconds=1), False, id="over"),
    ],
)
def test_an_expiry_within_60_days_is_told(not_after: datetime, soon: bool) -> None:
    info = described(name([utf8(CN, "x")]), validity=(VALIDITY[0], not_after))
    assert info.wire("r")["expiresSoon"] is soon


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (VALIDITY[0] - timedelta(seconds=1), "notYetValid"),
        (VALIDITY[0], "valid"),
        (VALIDITY[1], "valid"),
        (VALIDITY[1] + timedelta(seconds=1), "expired"),
    ],
)
def test_validity_includes_its_first_and_last_second(moment: datetime, state: str) -> None:
    der = certificate(name([utf8(CN, "x")]), ISSUER, validity=VALIDITY)
    assert describe(der, moment).state == state


@pytest.mark.parametrize(
    ("bits", "state", "purpose"),
    [
        (("digital_signature",), "valid", "auth"),
        (("non_repudiation",), "valid", "sign"),
        (("digital_signature", "non_repudiation"), "valid", "sign"),
        (("key_encipherment",), "unsuitable", "sign"),
    ],
)
def test_key_usage_decides_what_for(bits: tuple[str, ...], state: str, purpose: str) -> None:
    info = described(name([utf8(CN, "x")]), extensions=[usage(*bits)])
    assert (info.state, info.purpose) == (state, purpose)


@pytest.mark.parametrize(
    ("purposes", "purpose"),
    [
        (("client_auth",), "auth"),
        (("client_auth", "microsoft_smart_card_logon"), "auth"),
        (("client_auth", "email_protection"), "sign"),
        (("any_extended_key_usage",), "sign"),
        (("1.2.3.4",), "sign"),
    ],
)
@pytest.mark.parametrize("usages", [(), ("digital_signature", "non_repudiation")])
def test_extended_key_usage_decides_too(purposes: tuple[str, ...], purpose: str, usages: tuple[str, ...]) -> None:
    extended = x509.Extension({"extn_id": "extended_key_usage", "extn_value": list(purposes)})
    extensions = [extended, *([usage(*usages)] if usages else [])]
    assert described(name([utf8(CN, "x")]), extensions=extensions).purpose == purpose


def test_a_ca_certificate_is_no_signers() -> None:
    basic = x509.Extension({"extn_id": "basic_constraints", "extn_value": x509.BasicConstraints({"ca": True})})
    info = described(name([utf8(CN, "CA")]), extensions=[basic])
    assert (info.authority, info.state) == (True, "unsuitable")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 255))
def test_bytes_that_are_no_certificate_have_one_answer(noise: bytes, at: int, value: int) -> None:
    good = bytearray(certificate(name([utf8(CN, "x")]), ISSUER, validity=VALIDITY))
    good[at % len(good)] = value
    for der in (noise, bytes(good)):
        if is_certificate(der):
            assert describe(der, NOW).der == der
        else:
            with pytest.raises(CertificateUnsuitable):
                describe(der, NOW)
