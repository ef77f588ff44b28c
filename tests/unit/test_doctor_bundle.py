"""Which facts of a log line may leave the computer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.doctor.bundle import cut

AT = "2026-11-30T17:00:00.123Z"


@pytest.mark.parametrize(
    "facts",
    [
        {"event": "problem", "path": "/v1/pin/open", "code": "pin_wrong"},
        {"event": "started", "version": "0.1.0", "port": 22480},
        {"event": "request_failed", "exception": "OSError", "place": "server.py:12"},
        {"event": "consent", "origin": "https://portal.example:8443", "verdict": "once"},
        {"event": "anything", "fact": True, "other": None},
    ],
)
def test_what_the_daemon_says_of_itself_stays(facts: dict[str, object]) -> None:
    line = {"at": AT, "level": "INFO", **facts}
    assert json.loads(cut(json.dumps(line))) == line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("path", "/v1/山田太郎"),
        ("path", "/v1/sign/1234567890"),
        ("origin", "https://user:secret@portal.example"),
        ("origin", "https://portal.example/山田"),
        ("certificate", "ab" * 32),
        ("holder", "yamada"),
        ("serial", 121),
        ("code", {"pin": "1234"}),
        ("at", "1234"),
        ("event", "Signed for YAMADA"),
    ],
)
def test_anything_else_is_cut(name: str, value: object) -> None:
    assert json.loads(cut(json.dumps({"event": "problem", name: value})))[name] == "…"


@pytest.mark.parametrize("line", ["", "PIN 1234", '["1234"]', "{", '"1234"'])
def test_what_is_no_line_of_ours_says_nothing(line: str) -> None:
    assert cut(line) == "…"


@given(st.dictionaries(st.text(max_size=8), st.integers(min_value=100_000) | st.text(max_size=12)))
def test_numbers_and_words_that_nobody_knows_never_pass(facts: dict[str, object]) -> None:
    unknown = {f"x{name}": value for name, value in facts.items()}
    assert set(json.loads(cut(json.dumps(unknown))).values()) <= {"…"}
