"""The strict reader of canonical JSON beside a general RFC 8785 library: the same yes, the same value, the same no."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from portal.signatures import canonical
from portal.signatures.canonical import MAX_INTEGER, NotCanonical
from tests.unit.portal_pki import UNHURRIED

DOCUMENTS = 10_000
# Where orders of keys differ, where escapes begin and end, what a name in Japanese may have.
_LETTERS = 'ab"\\/\b\f\n\r\t\x00\x1f\x7f\x80é\u2028\ue000\ufb33\uffff𠮷\U0001f600\U0010ffff字'
_SCALARS: list[Any] = [None, True, False, 0, 1, -1, 10**6, MAX_INTEGER, -MAX_INTEGER, "", "1", "null"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(_LETTERS) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(_LETTERS, max_size=4), inner, max_size=5),
    max_leaves=12,
)


def by_the_library(content: bytes) -> Any:
    """What canonical.read says, said by rfc8785."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("duplicate key")
        return dict(pairs)

    def fraction(text: str) -> Any:
        raise ValueError(text)

    value = json.loads(content.decode(), object_pairs_hook=once, parse_float=fraction, parse_constant=fraction)
    if rfc8785.dumps(value) != content:
        raise NotCanonical
    return value


def check_alike(content: bytes) -> bool:
    """Whether both say yes."""
    try:
        expected = by_the_library(content)
    except (ValueError, RecursionError, NotCanonical) as no:
        kind = NotCanonical if isinstance(no, NotCanonical) else (ValueError, RecursionError)
        with pytest.raises(kind):
            canonical.read(content)
        return False
    found = canonical.read(content)
    assert (found, repr(found)) == (expected, repr(expected))  # 1 is not True
    assert canonical.write(found) == content
    return True


@UNHURRIED
@given(VALUES)
@example({"\ufb33": 1, "\U0001f600": 2})  # RFC 8785 §3.2.3: U+1F600 begins with the unit D83D
def test_what_a_general_library_writes_is_taken(value: Any) -> None:
    try:
        content = rfc8785.dumps(value)
    except ValueError:  # a lone surrogate: no JSON text can carry it
        return
    assert check_alike(content)


@UNHURRIED
@given(VALUES, st.booleans(), st.booleans(), st.sampled_from([None, 1]))
def test_another_way_to_write_it_is_judged_alike(
    value: Any, ascii_only: bool, by_key: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, sort_keys=by_key, indent=indent, separators=(",", ":"))
    check_alike(text.encode("utf-8", "surrogatepass"))


def test_seeded_documents_and_mutations_of_them() -> None:
    dice = random.Random(20261201)
    yes = 0
    for _ in range(DOCUMENTS):
        content = rfc8785.dumps(_value(dice, 4))
        assert check_alike(content)
        yes += check_alike(_mutated(content, dice))
    assert 0 < yes < DOCUMENTS // 2  # a letter changed for another is canonical still


@pytest.mark.parametrize(
    "content",
    [
        *(b"\xef\xbb\xbf{}", b" {}", b"{}\n", b"{} {}", b"", b"\xff", b'"\xed\xa0\x80"', b'"\xc0\x80"'),
        *(b'{"a":1,"a":1}', b'{"a":1,"b":2,"a":3}', b'{"a":{"b":1,"b":2}}', b'{"b":1,"a":2}', b'{"a":1,"\\u0061":2}'),
        *(b"1.0", b"1e2", b"-0", b"-0.0", b"01", b"+1", b"NaN", b"-Infinity", b"Infinity", b"true", b"True"),
        *(b"9007199254740991", b"9007199254740992", b"-9007199254740992", b"1" * 5000),
        *(rb'"\u0008"', rb'"\b"', rb'"\u000B"', rb'"\u000b"', rb'"\/"', rb'"\u007f"', rb'"\ud83d\ude00"', rb'"\ud83d"'),
        *(b'"\x01"', b'"\t"', b"[1,]", b'{"a":1,}', b"[1,,2]", b"{'a':1}", b"//\n1", b"[" * 3000 + b"]" * 3000),
    ],
)
def test_corners(content: bytes) -> None:
    check_alike(content)


def _value(dice: random.Random, depth: int) -> Any:
    kind = dice.randrange(4 if depth else 2)
    if kind == 0:
        return dice.choice(_SCALARS)
    if kind == 1:
        return _text(dice)
    if kind == 2:
        return [_value(dice, depth - 1) for _ in range(dice.randrange(4))]
    return {_text(dice): _value(dice, depth - 1) for _ in range(dice.randrange(5))}


def _text(dice: random.Random) -> str:
    return "".join(dice.choices(_LETTERS, k=dice.randrange(5)))


def _mutated(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content) + 1)
    cut, paste = dice.randrange(3), dice.choice(_PASTES)
    return content[:at] + paste + content[at + cut :]


_PASTES = [
    b"",
    b" ",
    b"0",
    b"1",
    b"-",
    b".5",
    b"e1",
    b'"',
    b"\\",
    b",",
    b":",
    b"a",
    rb"\u0061",
    rb"\u000a",
    b"\x80",
    b"\n",
]
