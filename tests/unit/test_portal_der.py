"""The DER reader: what it reads it could have written, and nothing else gets through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core
from hypothesis import example, given
from hypothesis import strategies as st

from portal.signatures import der
from portal.signatures.der import DerError, Element
from tests.unit.mutations import tlv
from tests.unit.portal_pki import UNHURRIED


def holding(tag: int, content: bytes) -> Element:
    """An element with these contents, as if it had been read."""
    return Element(tag, content, 0, 0, len(content))


def walk(element: Element) -> None:
    """Reads everything below a constructed element, as a caller could."""
    if element.tag & 0x20:
        for child in der.children(element, element.tag):
            walk(child)


@UNHURRIED
@given(st.binary(max_size=300))
@example(b"\x30\x80\x00\x00")
@example(b"\x30\x81\x01\x00")
@example(b"\x1f\x01\x00")
@example(b"\x00\x00")
def test_whatever_is_read_is_der(data: bytes) -> None:
    try:
        element = der.read(data)
    except DerError:
        return
    assert element.raw == data == tlv(element.tag, element.content)


@UNHURRIED
@given(st.binary(max_size=300))
def test_nothing_but_der_error_comes_out(data: bytes) -> None:
    element = holding(0x30, data)
    for reader in (walk, der.integer, der.oid, der.time, der.set_of):
        for tag in (element.tag, der.INTEGER, der.OID, der.UTC_TIME, der.GENERALIZED_TIME, der.SET):
            try:
                reader(element._replace(tag=tag))
            except DerError:
                continue


@UNHURRIED
@given(st.lists(st.tuples(st.sampled_from((0x02, 0x04, 0x30, 0xA0)), st.binary(max_size=200)), max_size=20))
def test_children_fill_their_parent(parts: list[tuple[int, bytes]]) -> None:
    content = b"".join(tlv(tag, value) for tag, value in parts)
    found = der.children(der.read(tlv(0x30, content)), der.SEQUENCE)
    assert [(child.tag, child.content) for child in found] == parts
    assert b"".join(child.raw for child in found) == content


@UNHURRIED
@given(st.integers(min_value=0, max_value=2**160 - 1))
def test_integers_agree_with_another_reader(value: int) -> None:
    assert der.integer(der.read(core.Integer(value).dump())) == value


@UNHURRIED
@given(st.binary(min_size=1, max_size=22))
def test_integers_have_one_form(content: bytes) -> None:
    try:
        value = der.integer(holding(der.INTEGER, content))
    except DerError:
        return
    assert core.Integer(value).contents == content


@UNHURRIED
@given(st.integers(0, 2), st.lists(st.integers(0, 2**40), min_size=1, max_size=8))
def test_object_identifiers_agree_with_another_reader(first: int, arcs: list[int]) -> None:
    if first < 2:
        arcs[0] %= 40
    dotted = ".".join(map(str, (first, *arcs)))
    assert der.oid(der.read(core.ObjectIdentifier(dotted).dump())) == dotted


def test_the_statements_content_type_is_read() -> None:
    dotted = "2.25.131956424689632016405682573716432307829"
    assert der.oid(der.read(core.ObjectIdentifier(dotted).dump())) == dotted


@pytest.mark.parametrize("content", ["80", "8001", "2a80", "2a808001", "", "2a" + "81" * 70])
def test_object_identifiers_have_one_form(content: str) -> None:
    with pytest.raises(DerError):
        der.oid(holding(der.OID, bytes.fromhex(content)))


@UNHURRIED
@given(st.datetimes(datetime(1950, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive by its API
def test_times_agree_with_another_writer(when: datetime) -> None:
    when = when.replace(microsecond=0)
    written = core.UTCTime(when) if when.year < 2050 else core.GeneralizedTime(when)
    assert der.time(der.read(written.dump())) == when


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (der.UTC_TIME, b"2611240102Z"),
        (der.UTC_TIME, b"261124010203+0900"),
        (der.UTC_TIME, b"2611240102 3Z"),
        (der.UTC_TIME, b"261324010203Z"),
        (der.GENERALIZED_TIME, b"20261124010203Z"),  # before 2050: UTCTime
        (der.GENERALIZED_TIME, b"20511124010203.5Z"),
        (der.OCTET_STRING, b"261124010203Z"),
    ],
)
def test_times_have_one_form(tag: int, text: bytes) -> None:
    with pytest.raises(DerError):
        der.time(holding(tag, text))


@pytest.mark.parametrize("content", [b"", b"\x01\x00", b"\x04\xf0", b"\x08\x00"])
def test_bit_strings_hold_whole_octets(content: bytes) -> None:
    assert der.octets(holding(der.BIT_STRING, b"\x00\xab")) == b"\xab"
    with pytest.raises(DerError):
        der.octets(holding(der.BIT_STRING, content))


def test_limits_are_named() -> None:
    with pytest.raises(DerError, match="more than 65536 bytes"):
        der.read(bytes(65537))
    with pytest.raises(DerError, match="more than 64 elements"):
        der.children(der.read(tlv(0x30, b"\x05\x00" * 65)), der.SEQUENCE)


def test_equal_elements_are_no_set() -> None:
    with pytest.raises(DerError):
        der.set_of(der.read(tlv(0x31, b"\x02\x01\x01\x02\x01\x01")))
    assert timedelta(0) == der.time(holding(der.UTC_TIME, b"500101000000Z")) - datetime(1950, 1, 1, tzinfo=UTC)
