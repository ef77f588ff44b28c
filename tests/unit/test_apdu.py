"""TLV and status words, by property and by the examples of ISO 7816-4."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.card import apdu
from bridge.card.apdu import Meaning

TAGS = st.one_of(
    st.integers(0x01, 0xFE).filter(lambda tag: tag & 0x1F != 0x1F),
    st.integers(0x01, 0x7F).map(lambda low: 0x5F00 | low),
    st.tuples(st.integers(0x81, 0xFF), st.integers(0x00, 0x7F)).map(lambda rest: 0x7F0000 | rest[0] << 8 | rest[1]),
)


@given(st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=6))
def test_what_is_built_is_parsed_again(objects: list[tuple[int, bytes]]) -> None:
    assert apdu.parse(b"".join(apdu.tlv(tag, value) for tag, value in objects)) == objects


@given(st.binary(max_size=40))
def test_any_bytes_are_parsed_whole_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert sum(len(value) for _, value in apdu.parse(data)) <= len(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("53", id="no length"),
        pytest.param("5302ff", id="value cut short"),
        pytest.param("5380", id="indefinite length"),
        pytest.param("538100ff", id="bytes left over"),
        pytest.param("5382ff", id="length cut short"),
        pytest.param("538400000001ff", id="length of four bytes"),
        pytest.param("5f", id="tag cut short"),
        pytest.param("5f81818100", id="tag of five bytes"),
    ],
)
def test_malformed_tlv_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"tag|length|longer"):
        apdu.parse(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("word", "meaning", "tries"),
    [
        (0x9000, Meaning.DONE, None),
        (0x63C3, Meaning.TRIES_LEFT, 3),
        (0x63C0, Meaning.TRIES_LEFT, 0),
        (0x63CF, Meaning.TRIES_LEFT, 15),
        (0x6300, Meaning.OTHER, None),
        (0x6983, Meaning.LOCKED, 0),
        (0x6984, Meaning.LOCKED, 0),
        (0x6982, Meaning.NOT_LOGGED_IN, None),
        (0x6A82, Meaning.NOT_FOUND, None),
        (0x6D00, Meaning.NOT_SUPPORTED, None),
        (0x6F00, Meaning.OTHER, None),
    ],
)
def test_status_words(word: int, meaning: Meaning, tries: int | None) -> None:
    answer = apdu.response(b"data" + word.to_bytes(2, "big"))
    assert (answer.data, answer.meaning, answer.tries_left) == (b"data", meaning, tries)


def test_a_response_without_a_status_word_is_refused() -> None:
    with pytest.raises(ValueError, match="two bytes"):
        apdu.response(b"\x90")


def test_commands_as_they_cross_the_wire() -> None:
    assert apdu.select(bytes.fromhex("A000000308")).hex() == "00a4040005a00000030800"
    assert apdu.ask_tries(0x80).hex() == "00200080"
    with pytest.raises(ValueError, match="short"):
        apdu.command(0, 0xDB, 0x3F, 0xFF, bytes(256))
