"""Canonical JSON of the card host: byte for byte what a general RFC 8785 library writes, or refused."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bridge.card.signature import canonical
from bridge.card.signature.canonical import NotCanonical

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
LARGEST = 2**53 - 1
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=12,
)


@given(VALUES)
def test_the_bytes_are_those_of_a_general_library(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


def test_keys_stand_in_the_order_of_utf_16_and_controls_are_escaped_in_lower_case() -> None:
    # RFC 8785 §3.2.3: U+1F600 begins with the unit D83D and comes before U+FB33. §3.2.2.2: \b, \f are short.
    value = {"\ufb33": 1, "\U0001f600": 2, "€": "\b\f\x1f\x7f\u2028/"}
    assert canonical.encode(value) == '{"€":"\\b\\f\\u001f\x7f\u2028/","\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize(
    "value", [0.5, 1e3, LARGEST + 1, -LARGEST - 1, "\ud800", {"\udc00": 1}, {1: "a"}, (1, 2), b"a"]
)
def test_what_the_bytes_cannot_carry_exactly_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical.encode({"a": [value]})
