from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.card.safety.tries import Hint, Source, Tries
from tests.desktop.questions import BASE, CANDIDATES, choosing, question
from tray.pin_window.choice import Purpose, State
from tray.pin_window.question import (
    MAX_BYTES,
    Certificate,
    Characters,
    Document,
    Kind,
    Line,
    Notice,
    PinRule,
    parse,
)
from tray.pin_window.shapes import BadQuestion

DOCUMENT = {"name": "a", "size": 1, "hash": "SHA-256", "digest": "0" * 64, "raw": False}


def test_a_whole_question() -> None:
    asked = parse(question(notice="same_pin", typed="LAST", insistence="SEND", unlock="by tool", failures=2))
    assert asked.kind is Kind.PIN
    assert asked.tries == Tries(Hint.MANY, 3, 3, Source.CARD)
    assert asked.content[:2] == (Line(0, "業者番号", "000000101"), Line(0, "企業情報", None))
    assert asked.certificate == Certificate(
        "北東 次郎", "北東組株式会社", "OU=CoreCA,O=eJapan2 Tech Center,C=JP", "121", "2032/11/20", 2188
    )
    assert asked.pin == PinRule(4, 16, Characters.DIGITS)
    assert (asked.notice, asked.typed, asked.unlock, asked.failures) == (Notice.SAME_PIN, "LAST", "by tool", 2)
    assert asked.insistence == "SEND"


def test_documents_and_consents() -> None:
    row = {"name": "a.pdf", "size": 123, "hash": "SHA-256", "digest": "0f" * 32, "raw": False}
    content = {"type": "documents", "documents": [row]}
    asked = parse(question(kind="confirm", pin=None, tries=None, card=None, certificate=None, content=content))
    assert asked.content == (Document("a.pdf", 123, "SHA-256", "0f" * 32, raw=False),)
    assert parse(question(kind="confirm", pin=None, content=None)).content == ()


def test_a_token_that_sets_no_bounds_gets_those_of_the_answer() -> None:
    asked = parse(question(pin={"min": 0, "max": 0xFFFFFFFF, "characters": "any"}))
    assert asked.pin == PinRule(1, 64, Characters.ANY)


def test_a_consent_never_waits_for_a_readers_keys() -> None:
    assert not parse(question(kind="confirm", pin=None, tries=None, pinPad=True)).pin_pad
    assert parse(question(pin=None, pinPad=True)).pin_pad


def test_a_choice_of_certificates() -> None:
    asked = parse(question(**choosing(purpose="auth")))
    assert (asked.kind, asked.certificate, asked.choice and asked.choice.purpose) == (Kind.CHOOSE, None, Purpose.AUTH)
    assert asked.choice is not None
    assert [each.selectable for each in asked.choice.candidates] == [True, True, True, False]
    assert asked.choice.candidates[2][:5] == (None,) * 5
    assert asked.choice.candidates[3].state is State.EXPIRED


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"choice": None}, id="nothing to choose from"),
        pytest.param(choosing(CANDIDATES[0], CANDIDATES[3]), id="only one that can be chosen"),
        pytest.param(choosing(purpose="bid"), id="an unknown purpose"),
        pytest.param(choosing(*CANDIDATES[:2], {**CANDIDATES[0], "pin": ""}), id="an unknown fact"),
        pytest.param(choosing(*CANDIDATES[:2], {**CANDIDATES[0], "state": "revoked"}), id="an unknown state"),
        pytest.param(choosing(*CANDIDATES[:2], {**CANDIDATES[0], "reader": None}), id="no reader"),
        pytest.param(choosing(*CANDIDATES * 26), id="more than anybody has"),
        pytest.param({"kind": "confirm", "pin": None}, id="a choice where nothing is chosen"),
        pytest.param({"pin": {"min": 4, "max": 8, "characters": "digits"}}, id="a PIN beside the choice"),
    ],
)
def test_each_choice_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadQuestion):
        parse(question(**{**choosing(), **changes}))


def test_a_certificate_may_name_nobody() -> None:
    asked = parse(question(certificate={**BASE["certificate"], "holder": None, "organization": None}))
    assert asked.certificate is not None
    assert asked.certificate.holder is None


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"kind": "puk"},
        {"language": "fr"},
        {"origin": 5},
        {"action": "x" * 5000},
        {"confirmation": "1234567"},
        {"confirmation": "１２３４５６７８"},
        {"certificate": {"holder": "x"}},
        {"card": {**BASE["card"], "extra": 1}},
        {"content": {"type": "statement", "lines": [], "more": 1}},
        {"content": {"type": "statement", "lines": [{"depth": True, "label": "", "value": None}]}},
        {"content": {"type": "statement", "lines": [{"depth": 17, "label": "", "value": None}]}},
        {"content": {"type": "statement", "lines": [{"depth": 0, "label": "", "value": 5}]}},
        {"content": {"type": "documents", "documents": [{**DOCUMENT, "size": -1}]}},
        {"content": {"type": "documents", "documents": [{**DOCUMENT, "hash": "SHA-1"}]}},
        {"content": {"type": "documents", "documents": [{**DOCUMENT, "hash": "SHA-512"}]}},
        {"content": {"type": "documents", "documents": [{**DOCUMENT, "raw": None}]}},
        {"content": {"type": "documents", "documents": [{**DOCUMENT, "digest": "0" * 63 + "G"}]}},
        {"tries": None},
        {"tries": {"hint": "locked", "count": 0, "max": 3, "source": "card"}},
        {"tries": {"hint": "often", "count": 3, "max": 3, "source": "card"}},
        {"tries": {"hint": "many", "count": "3", "max": 3, "source": "card"}},
        {"failures": -1},
        {"failures": 1.5},
        {"notice": "unknown"},
        {"typed": " "},
        {"notice": "same_pin", "insistence": " "},
        {"insistence": "SEND"},
        {"notice": "tries_changed", "insistence": "SEND"},
        {"notice": "same_pin", "insistence": "SEND", "pin": None, "pinPad": True},
        {"unlock": 1},
        {"pin": None},
        {"pin": {"min": -1, "max": 4, "characters": "digits"}},
        {"pin": {"min": 5, "max": 4, "characters": "digits"}},
        {"pin": {"min": 65, "max": 70, "characters": "digits"}},
        {"pin": {"min": 4, "max": 8, "characters": "hex"}},
        {"pinPad": True},
        {"pinPad": 0},
        {"kind": "confirm"},
        {"person": None},
        {"timeoutSeconds": 0},
        {"timeoutSeconds": 3601},
        {"unknownKey": 1},
    ],
)
def test_each_deviation_alone_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadQuestion):
        parse(question(**change))


@pytest.mark.parametrize("key", sorted(BASE))
def test_every_key_is_required(key: str) -> None:
    line = json.dumps({name: value for name, value in BASE.items() if name != key}).encode()
    with pytest.raises(BadQuestion, match=key):
        parse(line)


def test_size_has_a_limit() -> None:
    with pytest.raises(BadQuestion, match="bytes"):
        parse(b" " * MAX_BYTES + question())


@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(
    lambda value: json.dumps(value).encode()
))  # fmt: skip
def test_anything_else_is_refused_and_nothing_worse(line: bytes) -> None:
    with pytest.raises(BadQuestion):
        parse(line)
