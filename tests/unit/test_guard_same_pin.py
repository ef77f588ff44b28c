"""A PIN that this card refused is not sent again, unless the counter rose or the person insists (invariant 3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.card.practice import card as practice
from bridge.card.safety.guard import CONFIRMATION, INSISTENCE, Guard, Notice, Rules
from bridge.card.safety.ledger import Pending
from bridge.errors import PinCancelled, PinLastTry, PinWrong
from tests.unit.guard_bench import CARD, Bench, Desk

SEND_AGAIN = INSISTENCE["ja"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def refuse(bench: Bench, *pins: bytes) -> None:
    for pin in pins:
        with pytest.raises(PinWrong):
            bench.login(Desk(pin))


def test_a_refused_pin_is_not_sent_again(bench: Bench) -> None:
    with pytest.raises(PinWrong):
        bench.login(Desk(b"9999"))
    again = Desk(b"9999", b"1234")
    bench.login(again)
    assert [prompt.notice for prompt in again.prompts] == [None, Notice.SAME_PIN]
    assert bench.left == 3


def test_a_refused_pin_may_be_sent_once_the_counter_rose(bench: Bench) -> None:
    with pytest.raises(PinWrong):
        bench.login(Desk(b"9999"))
    card = practice.read(bench.directory)
    practice.write(bench.directory, card._replace(tries_left=3))
    with pytest.raises(PinWrong):
        bench.login(Desk(b"9999"))
    assert bench.left == 2


def test_a_person_may_insist_after_the_window_has_said_so(bench: Bench) -> None:
    refuse(bench, b"9999")
    desk = Desk(b"9999", b"9999", insistence=SEND_AGAIN)
    with pytest.raises(PinWrong):
        bench.login(desk)
    assert [(prompt.notice, prompt.may_insist) for prompt in desk.prompts] == [
        (None, False),
        (Notice.SAME_PIN, True),
    ], "words typed before anybody asked for them count for nothing"
    assert bench.left == 1


def test_other_words_send_nothing(bench: Bench) -> None:
    refuse(bench, b"9999")
    desk = Desk(b"9999", b"9999", PinCancelled(), insistence="もう一度")
    with pytest.raises(PinCancelled):
        bench.login(desk)
    assert bench.left == 2


def test_on_the_last_known_try_nobody_may_insist(bench: Bench) -> None:
    refuse(bench, b"9991", b"9992")
    desk = Desk(b"9991", b"9991", PinCancelled(), typed=CONFIRMATION["ja"], insistence=SEND_AGAIN)
    with pytest.raises(PinCancelled):
        bench.login(desk)
    assert [prompt.may_insist for prompt in desk.prompts] == [False, False, False]
    assert bench.left == 1


def test_near_the_stop_both_words_are_needed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, stop_at=2)
    refuse(bench, b"9999")
    with pytest.raises(PinLastTry):
        bench.login(Desk(b"9999", b"9999", insistence=SEND_AGAIN))
    assert bench.left == 2
    desk = Desk(b"9999", b"9999", typed=CONFIRMATION["ja"], insistence=SEND_AGAIN)
    with pytest.raises(PinWrong):
        bench.login(desk)
    assert [prompt.must_confirm for prompt in desk.prompts] == [True, True]


def test_another_daemon_cannot_know_the_pin(bench: Bench) -> None:
    """The key of the fingerprints was the old daemon's; ledger and counter still hold."""
    refuse(bench, b"9999")
    bench.guard = Guard(bench.ledger, Rules(1, False, "ja"), b"n" * 32)
    refuse(bench, b"9999")
    assert bench.left == 1


def test_a_crash_right_after_the_refusal_does_not_forget_the_pin(bench: Bench) -> None:
    refuse(bench, b"9999")
    entry = bench.ledger.entry(CARD)
    # What stood in the ledger while the card was refusing, and then the power of nothing but this process was gone.
    bench.ledger.begin(CARD, "reader", Pending(entry.marks[0].fingerprint, 3))
    bench.ledger._put(CARD, bench.ledger.entry(CARD)._replace(marks=(), failures=0))
    desk = Desk(b"9999", PinCancelled())
    with pytest.raises(PinCancelled):
        bench.login(desk)
    assert desk.prompts[1].notice is Notice.SAME_PIN
    assert practice.read(bench.directory).tries_left == 2
