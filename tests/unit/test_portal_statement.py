"""Strict JSON and strict CMS under arbitrary input: one statement or one refusal, never another exception."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.refusals import Refused
from portal.signatures import cms, statement
from tests.unit import portal_pki as pki
from tests.unit.portal_pki import UNHURRIED

BASE: dict[str, Any] = {
    "v": 1,
    "type": "registration",
    "action": "利用者登録（登録）",
    "origin": pki.ORIGIN,
    "aud": pki.AUDIENCE,
    "nonce": "n" * 43,
    "issuedAt": "2026-11-24T01:02:03Z",
    "cert": {"sha256": "0" * 64},
    "payload": {},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@UNHURRIED
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_every_payload_comes_back(payload: dict[str, Any]) -> None:
    try:
        content = rfc8785.dumps({**BASE, "payload": payload})
    except UnicodeEncodeError:  # a lone surrogate: no JSON text can carry it
        return
    try:
        read = statement.read(content)
    except Refused as refusal:
        assert refusal.fact == "payload too deep"  # noqa: PT017 - any other refusal fails here
        return
    assert read.payload == payload


@UNHURRIED
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        statement.read(content)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"a":1.5}', "statement_malformed"),
        (b'{"a":1.0}', "statement_malformed"),
        (b'{"a":NaN}', "statement_malformed"),
        (b'{"a":9007199254740992}', "statement_malformed"),
        (b'{"a":' + b"1" * 5000 + b"}", "statement_malformed"),
        (b'{"a":-0}', "not_canonical"),
        (b'{"a":"\\ud800"}', "statement_malformed"),
        (b'{"a":"\\u3042"}', "not_canonical"),
        (b'{"a":1,"a":2}', "statement_malformed"),
        (b'{"b":1,"a":2}', "not_canonical"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "statement_malformed"),
    ],
)
def test_one_way_to_write_a_value(payload: bytes, code: str) -> None:
    content = rfc8785.dumps(BASE).replace(b'"payload":{}', b'"payload":' + payload)
    with pytest.raises(Refused) as caught:
        statement.read(content)
    assert caught.value.code == code


@UNHURRIED
@given(st.binary(max_size=400))
def test_other_bytes_are_no_cms(data: bytes) -> None:
    with pytest.raises(Refused):
        cms.read(data)


_CARD = pki.Authority().issue()
_CMS = pki.sign(rfc8785.dumps(BASE), _CARD)


@UNHURRIED
@given(st.integers(0, len(_CMS) - 1), st.integers(0, 40), st.binary(max_size=40))
def test_cut_and_pasted_cms_raise_nothing_but_refusals(at: int, cut: int, paste: bytes) -> None:
    mutated = _CMS[:at] + paste + _CMS[at + cut :]
    try:
        signed = cms.read(mutated)
        cms.verify(signed)
    except Refused:
        return
    # eContentType is not among the signed bytes: the ladder holds it against the signed attribute (RFC 5652 §11.1).
    assert mutated == _CMS or signed.content_type != signed.attribute_content_type
