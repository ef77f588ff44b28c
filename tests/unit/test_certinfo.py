"""Certificates as people read them; names against openssl's own rendering."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import core, x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.card import names
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


def openssl_names(der: bytes, directory: Path) -> str:
    """-esc_msb: openssl would write every non-ASCII character as hex pairs, which RFC 4514 allows and we do not."""
    (directory / "name.der").write_bytes(der)
    command = ["openssl", "x509", "-inform", "DER", "-in", "name.der", "-noout", "-subject"]
    options = ["-nameopt", "RFC2253,-esc_msb"]
    shown = subprocess.run([*command, *options], cwd=directory, check=True, capture_output=True).stdout.decode()
    return shown.removeprefix("subject=").removesuffix("\n")


def comparable(text: str) -> str:
    """Hex digits in one case, and openssl's own name for streetAddress."""
    upper = re.sub(r"\\[0-9a-fA-F]{2}|#[0-9a-fA-F]+", lambda hexed: hexed[0].upper(), text)
    return upper.replace("street=", "STREET=")


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=12)
AWKWARD = st.text(st.sampled_from(' #",+;<>\\=\n\t\x00\x7fa東Ａé'), min_size=1, max_size=8)
# openssl leaves a value that is nothing but # as it is; RFC 4514 §2.4 escapes it (tested below).
STRINGS = st.one_of(TEXT, AWKWARD).filter(lambda text: text != "#")
BMP = STRINGS.filter(lambda text: all(ord(char) < 0x10000 for char in text))
VALUES = st.one_of(
    STRINGS.map(core.UTF8String),
    BMP.map(core.BMPString),
    STRINGS.map(core.UniversalString),
    st.text("ABCxyz 019-.,+=", min_size=1, max_size=12).map(core.PrintableString),
)
OIDS = st.sampled_from([CN, O, OU, STREET, L, ST, "1.2.392.200149.8.5.5.1", "1.3.6.1.4.1.99999.1"])
NAMES = st.lists(st.builds(Pair, OIDS, VALUES).map(lambda pair: [pair]), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(relative_names=NAMES)
def test_names_are_written_as_openssl_writes_them(relative_names: list[list[Pair]], tmp_path: Path) -> None:
    der = certificate(name(relative_names), ISSUER, validity=VALIDITY)
    assert comparable(describe(der, NOW).subject) == comparable(openssl_names(der, tmp_path))


@pytest.mark.parametrize(("text", "shown"), [("#", r"\#"), ("#a#", r"\#a#"), (" ", r"\ "), ("  a  ", r"\  a \ ")])
def test_what_stands_at_the_ends_of_a_value(text: str, shown: str) -> None:
    assert described(name([utf8(CN, text)])).subject == f"CN={shown}"


def test_a_multi_valued_name_is_joined_by_plus(tmp_path: Path) -> None:
    subject = name([utf8(O, "組"), [*utf8(CN, "a+b"), *utf8(OU, "部")]])
    info = described(subject)
    relative, organization = info.subject.split(",")
    assert organization == "O=組"
    # openssl turns the order inside a set around; RFC 4514 allows any.
    assert set(relative.replace(r"\+", "PLUS").split("+")) == {"CN=aPLUSb", "OU=部"}


def test_t61_is_read_as_latin_1() -> None:
    """Not through a certificate: the library that builds them here takes T.61 at its word."""
    cafe = b"\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x14\x04caf\xe9"
    assert names.rfc4514(names.read(x509.Name.load(cafe))) == "CN=café"


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
    expected = "id,reader,subject,issuer,serial,notBefore,notAfter,expiry,state,daysLeft,key,usages,purpose,holder,der"
    assert ",".join(wire) == expected
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


def test_a_ca_certificate_is_no_signers() -> None:
    basic = x509.Extension({"extn_id": "basic_constraints", "extn_value": x509.BasicConstraints({"ca": True})})
    info = described(name([utf8(CN, "CA")]), extensions=[basic])
    assert (info.authority, info.state) == (True, "unsuitable")


def test_the_holder_in_kanji_from_the_alternative_name() -> None:
    kanji = name([utf8(L, "山口市"), utf8(ST, "山口県"), utf8(O, "北東組株式会社"), utf8(CN, "北東 次郎")])
    written = x509.GeneralNames([x509.GeneralName("directory_name", x509.Name.load(kanji))])
    alternative = x509.Extension({"extn_id": "subject_alt_name", "extn_value": written})
    info = described(name([utf8(O, "Hokutogumi"), utf8(CN, "Jiro Hokuto")]), extensions=[alternative])
    assert info.subject == "CN=Jiro Hokuto,O=Hokutogumi"
    assert info.holder == ("北東 次郎", "北東組株式会社", "山口県 山口市")


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
