"""What the consent window takes for a question, and what it says of a site's name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tray.consent_window.name import Caution, Name, describe
from tray.consent_window.question import MAX_BYTES, BadQuestion, Question, parse
from tray.consent_window.texts import EN, JA

GOOD: dict[str, Any] = {"v": 1, "language": "ja", "origin": "https://ebid.example.jp", "timeoutSeconds": 120}


def test_the_question() -> None:
    assert parse(json.dumps(GOOD).encode()) == Question("https://ebid.example.jp", "ja", 120)


BAD: list[dict[str, Any]] = [
    {"v": 2},
    {"language": "fr"},
    {"origin": "https://ebid.example.jp/"},
    {"origin": "https://入札.example"},
    {"origin": "javascript:alert(1)"},
    {"timeoutSeconds": 0},
    {"timeoutSeconds": 601},
    {"timeoutSeconds": True},
    {"timeoutSeconds": "120"},
    {"more": 1},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_each_deviation_alone_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadQuestion):
        parse(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("key", GOOD)
def test_every_key_is_required(key: str) -> None:
    with pytest.raises(BadQuestion):
        parse(json.dumps({name: value for name, value in GOOD.items() if name != key}).encode())


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"\xff", b"[" * 4000, b" " * MAX_BYTES + b"{}"])
def test_what_is_no_line_of_ours_is_refused(line: bytes) -> None:
    with pytest.raises(BadQuestion):
        parse(line)


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("https://ebid.example.jp:8443", (None, None)),
        ("http://localhost:3000", (None, Caution.UNENCRYPTED)),
        # A Cyrillic і between Latin letters: looks like ebid.example.
        ("https://xn--ebd-khd.example", ("eb\u0456d.example", Caution.FOREIGN)),
        ("https://www.xn--y5qw44c.example", ("www.入札.example", Caution.FOREIGN)),
        # A right-to-left override inside the name is made visible, not obeyed.
        ("https://xn--ab-g4t.example", ("a⟨U+202E⟩b.example", Caution.FOREIGN)),
        ("https://xn--ebid-.example", (None, Caution.UNREADABLE)),
        ("https://xn--999999999.example", (None, Caution.UNREADABLE)),
    ],
)
def test_the_origin_stands_in_full_and_punycode_beside_its_letters(origin: str, name: tuple[Any, Any]) -> None:
    assert describe(origin) == Name(origin, *name)


def test_every_caution_has_its_words_in_both_languages() -> None:
    assert set(JA.cautions) == set(EN.cautions) == set(Caution)
    assert all(text for texts in (JA, EN) for text in texts.cautions.values())
