from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.card.safety.tries import Hint, Source, Tries
from tray.pin_window.answer import Filled, Reason, write_cancel, write_ok, write_shown
from tray.pin_window.focus import GUARD_SECONDS, FocusGuard
from tray.pin_window.form import (
    Blocker,
    half_width,
    insistence_blocker,
    person_blocker,
    pin_blocker,
    upper_case,
    word_blocker,
)
from tray.pin_window.legible import breakable, grouped, legible
from tray.pin_window.question import Characters, Notice, PinRule
from tray.pin_window.texts import EN, JA, Texts, alarm, tries_left
from tray.pin_window.typed import CAPACITY, TypedPin

DIGITS = PinRule(4, 8, Characters.DIGITS)
UPPER = PinRule(6, 16, Characters.UPPER)
ALNUM = PinRule(4, 8, Characters.ALPHANUMERIC)
ANY = PinRule(4, 8, Characters.ANY)


def codes(text: str) -> list[int]:
    return [ord(character) for character in text]


@pytest.mark.parametrize(
    ("pin", "rule", "blocker"),
    [
        ("", DIGITS, Blocker.PIN_EMPTY),
        ("123", DIGITS, Blocker.PIN_SHORT),
        ("1234", DIGITS, None),
        ("12345678", DIGITS, None),
        ("123456789", DIGITS, Blocker.PIN_LONG),
        ("12a4", DIGITS, Blocker.PIN_CHARACTERS),
        ("12 4", DIGITS, Blocker.PIN_CHARACTERS),
        ("１234", DIGITS, Blocker.PIN_FULL_WIDTH),
        ("١٢٣٤", DIGITS, Blocker.PIN_CHARACTERS),
        ("ABC123", UPPER, None),
        ("ABc123", UPPER, Blocker.PIN_LOWER_CASE),
        ("ABc-12", UPPER, Blocker.PIN_CHARACTERS),
        ("aB12", ALNUM, None),
        ("aB1-", ALNUM, Blocker.PIN_CHARACTERS),
        ("aB1-", ANY, None),
        ("aB1é", ANY, Blocker.PIN_CHARACTERS),
    ],
)
def test_pin_form(pin: str, rule: PinRule, blocker: Blocker | None) -> None:
    assert pin_blocker(codes(pin), rule) is blocker


@pytest.mark.parametrize(
    ("person", "refused"),
    [
        ("", False), ("  ", False), ("山田", False), ("yamada", False), ("第2課", False), ("123", False),
        ("8642", True), ("８６４２", True), (" 8642 ", True), ("x1234y", True), ("1２3４", True),
    ],
)  # fmt: skip
def test_person_that_holds_or_resembles_the_pin(person: str, refused: bool) -> None:
    assert (person_blocker(person, codes("1234"), DIGITS) is Blocker.PERSON_IS_PIN) is refused


def test_person_of_the_pins_form_in_any_case() -> None:
    assert person_blocker("abc123", codes("XYZ789"), UPPER) is Blocker.PERSON_IS_PIN
    assert person_blocker("yamada", [], None) is None


def test_typed_word() -> None:
    assert word_blocker("", None) is None
    assert word_blocker("", "LAST") is Blocker.WORD
    assert word_blocker(" ｌａｓｔ ", "LAST") is None
    assert word_blocker("承知しました", "承知しました") is None
    assert word_blocker("承知", "承知しました") is Blocker.WORD


@pytest.mark.parametrize(
    ("typed", "blocker"),
    [("", None), ("  ", None), ("ｓｅｎｄ", None), ("sen", Blocker.INSISTENCE), ("1", Blocker.INSISTENCE)],
)
def test_insistence_is_whole_or_not_there(typed: str, blocker: Blocker | None) -> None:
    assert insistence_blocker(typed, "SEND") is blocker
    assert insistence_blocker("", None) is None


@pytest.mark.parametrize(
    ("tries", "confirmed", "said"),
    [
        (Tries(Hint.LAST, 1, 3, Source.CARD), True, EN.last_try),
        (Tries(Hint.LAST, None, None, Source.FLAGS), False, EN.last_try),
        (Tries(Hint.LOW, 2, 3, Source.CARD), True, "2 more wrong PINs lock the card."),
        (Tries(Hint.LOW, 2, 3, Source.CARD), False, None),
        (Tries(Hint.UNKNOWN), True, EN.perhaps_last),
        (Tries(Hint.UNKNOWN), False, None),
    ],
)
def test_where_a_typed_word_is_needed_the_window_says_why(tries: Tries, confirmed: bool, said: str | None) -> None:
    assert alarm(EN, tries, confirmed=confirmed) == said


_EDITS = st.lists(
    st.tuples(st.just("insert"), st.integers(0, 200), st.integers(0x20, 0xFFFF))
    | st.tuples(st.just("delete"), st.integers(0, 200), st.integers(0, 200)),
    max_size=60,
)


@given(_EDITS)
def test_typed_pin_edits_like_a_list_and_leaves_nothing_behind(edits: list[tuple[str, int, int]]) -> None:
    pin, model = TypedPin(), list[int]()
    for kind, where, what in edits:
        if kind == "insert":
            position = min(where, len(model))
            pin.insert(position, what)
            model.insert(position, what)
        else:
            start, end = sorted((min(where, len(model)), min(what, len(model))))
            pin.delete(start, end)
            del model[start:end]
        assert list(pin) == model
        assert not any(pin._codes[len(model) :])
    pin.wipe()
    assert pin.wiped
    assert len(pin) == 0


def test_typed_pin_as_bytes() -> None:
    pin = TypedPin()
    for position, code in enumerate(codes("aあ１")):
        pin.insert(position, code)
    assert pin.encoded() == "aあ１".encode()
    pin.replace(half_width)
    pin.replace(upper_case)
    assert pin.encoded() == "Aあ1".encode()
    assert repr(pin) == "<TypedPin>"


def test_typed_pin_is_full_at_its_capacity() -> None:
    pin = TypedPin()
    assert all(pin.insert(0, 0x31) for _ in range(CAPACITY))
    assert not pin.insert(0, 0x31)
    assert len(pin) == CAPACITY


def test_focus_guard() -> None:
    now = 0.0
    guard = FocusGuard(lambda: now)
    assert not guard.lets_key_pass(), "no focus yet"
    guard.gained()
    now = GUARD_SECONDS - 0.01
    assert not guard.lets_key_pass()
    now = GUARD_SECONDS + 0.1
    assert not guard.open, "the early key started the wait anew"
    now = 2 * GUARD_SECONDS
    assert guard.lets_key_pass()
    guard.lost()
    now = 100
    assert not guard.open


def test_hidden_characters_become_visible() -> None:
    assert legible("北東組 Ltd.") == "北東組 Ltd."
    assert legible("a\u202eb\u200bc\nd\x07") == "a⟨U+202E⟩b⟨U+200B⟩c⟨U+000A⟩d⟨U+0007⟩"
    assert legible("\ufffe\ue000") == "⟨U+FFFE⟩⟨U+E000⟩"
    assert legible("株\u3164式\u2800") == "株⟨U+3164⟩式⟨U+2800⟩"
    assert legible("か\u3099葛\U000e0100e" + "\u0301" * 5) == "か\u3099葛\U000e0100e" + "\u0301" * 3 + "⟨U+0301⟩" * 2
    assert legible("1\u05d02") == "\u202d1\u05d02\u202c", "in the order of the bytes"
    assert breakable("x" * 20, 16) == "x" * 16 + "\u200b" + "x" * 4
    assert grouped("12345678", 4) == "1234 5678"


@pytest.mark.parametrize(
    ("tries", "ja", "en"),
    [
        (Tries(Hint.LOW, 2, 3, Source.CARD), "残り 2 回（最大 3 回）", "2 of 3 tries left"),
        (Tries(Hint.MANY, 5, None, Source.CARD), "残り 5 回", "5 tries left"),
        (Tries(Hint.UNKNOWN), "残り回数：不明", "Tries left: unknown"),
        (Tries(Hint.LAST, None, None, Source.FLAGS), "残り回数：最後の 1 回", "Tries left: the last one"),
    ],
)
def test_tries_are_said_as_exactly_as_they_are_known(tries: Tries, ja: str, en: str) -> None:
    assert (tries_left(JA, tries), tries_left(EN, tries)) == (ja, en)


@pytest.mark.parametrize("texts", [JA, EN], ids=["ja", "en"])
def test_every_case_has_words(texts: Texts) -> None:
    assert set(texts.blocked) == set(Blocker)
    assert set(texts.notices) == set(Notice)
    assert set(texts.tries_named) == set(Hint)
    assert set(texts.characters) == set(Characters)


def test_answers_on_the_pipe() -> None:
    read, write = os.pipe()
    pin = bytearray(b"1234")
    write_shown(write)
    write_ok(write, pin, Filled("山田", None))
    write_cancel(write, Reason.TIMEOUT)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        assert stream.read().decode() == (
            '{"event": "shown"}\n{"answer": "ok", "length": 4, "person": "山田"}\n1234'
            '{"answer": "cancel", "reason": "timeout"}\n'
        )
    assert pin == bytes(4), "the PIN was left in the buffer"


def test_a_pin_that_nobody_reads_is_overwritten() -> None:
    read, write = os.pipe()
    os.close(read)
    pin = bytearray(b"1234")
    with pytest.raises(BrokenPipeError):
        write_ok(write, pin, Filled("", "LAST"))
    os.close(write)
    assert pin == bytes(4)
