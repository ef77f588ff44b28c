"""Bridge and portal read the same of a certificate, each by its own code; their names also as openssl writes them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import core
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.card.certinfo import describe
from portal.signatures import certificate as portal_certificate
from tests.unit.certificate_vectors import CN, DC, OU, ST, STREET, UID, VECTORS, L, O, Shown, Vector, issued
from tests.unit.certificates import Pair, name

Read = Callable[[bytes], Shown]


def by_bridge(der: bytes) -> Shown:
    info = describe(der, datetime(2026, 11, 24, tzinfo=UTC))
    return Shown(info.subject, info.serial, info.expiry, *info.holder, issuer=info.issuer)


def by_portal(der: bytes) -> Shown:
    view = portal_certificate.read(der)
    return Shown(
        view.subject, view.serial, view.expiry, view.holder, view.organization, view.address, issuer=view.issuer
    )


READERS = pytest.mark.parametrize("read", [by_bridge, by_portal])


@READERS
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_both_say_the_same(read: Read, vector: Vector) -> None:
    assert read(vector.der) == vector.shown


def openssl_name(der: bytes, directory: Path) -> str:
    """-esc_msb: openssl would write every non-ASCII character as hex pairs, which RFC 4514 allows and we do not."""
    (directory / "name.der").write_bytes(der)
    command = ["openssl", "x509", "-inform", "DER", "-in", "name.der", "-noout", "-subject"]
    done = subprocess.run(
        [*command, "-nameopt", "RFC2253,-esc_msb"], cwd=directory, check=True, capture_output=True
    ).stdout.decode()
    return done.removeprefix("subject=").removesuffix("\n")


def comparable(text: str) -> list[list[str]]:
    """Hex digits in one case, openssl's own name for streetAddress, and the values of one relative name in any order
    (RFC 4514 §2.2; openssl turns them around)."""
    upper = re.sub(r"\\[0-9a-fA-F]{2}|#[0-9a-fA-F]+", lambda hexed: hexed[0].upper(), text)
    relative = re.findall(r"(?:[^\\,]|\\.)+", upper.replace("street=", "STREET="), re.DOTALL)
    return [sorted(re.findall(r"(?:[^\\+]|\\.)+", each, re.DOTALL)) for each in relative]


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=12)
AWKWARD = st.text(st.sampled_from(' #",+;<>\\=\n\t\x00\x7fa東Ａé'), min_size=1, max_size=8)
# openssl leaves a value that is nothing but # as it is; RFC 4514 §2.4 escapes it (one of the vectors).
STRINGS = st.one_of(TEXT, AWKWARD).filter(lambda text: text != "#")
BMP = STRINGS.filter(lambda text: all(ord(char) < 0x10000 for char in text))
LATIN = st.text(
    st.characters(min_codepoint=0xA0, max_codepoint=0xFF, exclude_characters="\xad") | st.sampled_from(' #,+"\\aZ'),
    min_size=1,
    max_size=8,
)
SAFE_T61 = st.text("ABCxyz 019-.,+=#\\", min_size=1, max_size=12)


def _t61(texts: st.SearchStrategy[str]) -> st.SearchStrategy[core.Asn1Value]:
    return texts.filter(lambda text: text != "#").map(lambda text: core.TeletexString(contents=text.encode("latin-1")))


def names(values: st.SearchStrategy[core.Asn1Value]) -> st.SearchStrategy[list[list[Pair]]]:
    """Relative names of one to three values of different types, of which a type without a short name is one."""
    oids = st.sampled_from([CN, O, OU, STREET, L, ST, UID, "1.2.392.200149.8.5.5.1", "1.3.6.1.4.1.99999.1"])
    pairs = st.builds(Pair, oids, values) | st.builds(
        Pair, st.just(DC), st.text("abc,+ ", min_size=1).map(core.IA5String)
    )
    relative = st.lists(pairs, min_size=1, max_size=3, unique_by=lambda pair: pair.oid)
    return st.lists(relative, min_size=1, max_size=5)


STRING_TYPES = st.one_of(
    STRINGS.map(core.UTF8String),
    BMP.map(core.BMPString),
    STRINGS.map(core.UniversalString),
    _t61(SAFE_T61),
    st.text("ABCxyz 019-.,+=", min_size=1, max_size=12).map(core.PrintableString),
)
OPENSSL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@READERS
@OPENSSL
@given(relative_names=names(STRING_TYPES))
def test_names_are_written_as_openssl_writes_them(read: Read, relative_names: list[list[Pair]], tmp_path: Path) -> None:
    der = issued(name(relative_names))
    assert comparable(read(der).subject) == comparable(openssl_name(der, tmp_path))


@OPENSSL
@given(relative_names=names(_t61(LATIN)))
def test_t61_is_latin_1_to_the_bridge_as_to_openssl(relative_names: list[list[Pair]], tmp_path: Path) -> None:
    """The portal's parser refuses such a certificate as a whole (certificate_malformed)."""
    der = issued(name(relative_names))
    assert comparable(by_bridge(der).subject) == comparable(openssl_name(der, tmp_path))
