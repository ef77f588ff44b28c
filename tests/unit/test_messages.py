"""Requests are read into closed shapes; everything else is refused with a code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadRequest, BridgeError, TooLarge, Unsupported
from bridge.messages import MAX_BODY, METHODS, Sign, parse, parse_envelope, parse_json
from bridge.requested import SignDocuments

CERTIFICATE = "ab" * 32
NONCE = "A" * 43
STATEMENT = {"type": "login", "action": "ログイン", "aud": "https://portal.example", "nonce": NONCE, "payload": {}}


def sign(**changes: Any) -> dict[str, Any]:
    return {"certificate": CERTIFICATE, "statement": {**STATEMENT, **changes}}


def test_sign_is_read_into_its_shape() -> None:
    request = parse("sign", {**sign(payload={"a": ["x", 1, None, True]}), "keepPinSession": True})
    assert isinstance(request, Sign)
    assert request.statement.payload == {"a": ["x", 1, None, True]}
    assert (request.pin_session, request.keep_pin_session) == (None, True)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({**sign(), "extra": 1}, BadRequest),
        ({**sign(), "keepPinSession": 1}, BadRequest),
        ({**sign(), "pinSession": "short"}, BadRequest),
        ({"certificate": "AB" * 32, "statement": STATEMENT}, BadRequest),
        ({"certificate": CERTIFICATE, "documents": []}, BadRequest),
        ({"certificate": CERTIFICATE, "action": "x", "documents": []}, BadRequest),
        (sign(type="Login"), BadRequest),
        (sign(nonce="A" * 42), BadRequest),
        (sign(action=""), BadRequest),
        (sign(action="x" * 101), BadRequest),
        (sign(action="一行\n二行"), BadRequest),
        (sign(action="abc\u202ecba"), BadRequest),
        (sign(aud="https://p\u0000"), BadRequest),
        (sign(extra="key"), BadRequest),
        (sign(payload=[]), BadRequest),
        (sign(payload={"n": 2**53}), BadRequest),
        (sign(payload={"n": -(2**53)}), BadRequest),
        (sign(payload={"s": "\ud800"}), BadRequest),
        (sign(payload={"s": "a\u2028b"}), BadRequest),
        (sign(payload={"k\u200f": 1}), BadRequest),
        (sign(payload={"a": [[[[[[[[1]]]]]]]]}), BadRequest),
    ],
)
def test_each_malformed_statement_is_refused(params: dict[str, Any], expected: type[BridgeError]) -> None:
    with pytest.raises(expected):
        parse("sign", params)


def test_the_largest_integer_and_the_deepest_payload_pass() -> None:
    parse("sign", sign(payload={"n": 2**53 - 1, "a": [[[[[[1]]]]]]}))


@pytest.mark.parametrize("method", ["connect", "readers", "diagnose"])
def test_methods_without_params_take_none(method: str) -> None:
    parse(method, {})
    with pytest.raises(BadRequest):
        parse(method, {"x": 1})


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("certificates", {"purpose": "encrypt"}),
        ("certificates", {"all": "yes"}),
        ("pin/open", {"certificate": CERTIFICATE}),
        ("pin/open", {"card": "AB" * 32, "action": "x"}),
        ("pin/open", {"certificate": CERTIFICATE, "card": CERTIFICATE, "action": "x"}),
        ("pin/open", {"certificate": CERTIFICATE, "action": "x", "pin": "1234"}),
        ("pin/close", {}),
        ("pin/close", {"pinSession": "?" * 30}),
        ("connect", []),
    ],
)
def test_malformed_params_are_refused(method: str, params: Any) -> None:
    with pytest.raises(BadRequest):
        parse(method, params)


def test_an_unknown_method_is_unsupported() -> None:
    with pytest.raises(Unsupported):
        parse("pin/change", {})
    assert not any("puk" in method or "change" in method for method in METHODS)


@pytest.mark.parametrize(
    "raw",
    [b'{"a":1,"a":2}', b"\xff\xfe", b"{", b'{"a":1.5}', b'{"a":1e3}', b'{"a":NaN}', b"[" * 100_000, b""],
)
def test_json_that_two_readers_could_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_json(raw)


def test_a_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        parse_json(b" " * (MAX_BODY + 1))


def test_envelopes() -> None:
    assert parse_envelope('{"id":1,"method":"readers"}').params == {}
    assert parse_envelope('{"id":1,"cancel":true}').cancel
    for raw in ('{"id":true,"method":"x"}', '{"id":-1,"method":"x"}', '{"id":1}', "[]", '{"id":1,"cancel":false}'):
        with pytest.raises(BadRequest):
            parse_envelope(raw)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_payload_is_either_read_or_refused_with_a_code(payload: Any) -> None:
    try:
        request = parse("sign", sign(payload=payload))
    except BadRequest:
        return
    assert isinstance(request, Sign)
    json.dumps(request.statement.payload, ensure_ascii=False).encode()


DOCUMENT = {"name": "内訳書.pdf", "format": "cades-detached", "content": "AA=="}


def test_documents_in_their_closed_shape() -> None:
    asked = parse("sign", {"certificate": CERTIFICATE, "action": "提出", "documents": [DOCUMENT]})
    assert isinstance(asked, SignDocuments)
    assert (asked.action, [each.wire() for each in asked.documents]) == ("提出", [{**DOCUMENT, "hash": "SHA-256"}])
    assert asked.level == "B-B"
    mixed = {"certificate": CERTIFICATE, "action": "提出", "documents": [DOCUMENT], "statement": {}}
    with pytest.raises(BadRequest):
        parse("sign", mixed)
