"""PIN-retry safety over the practice card's real counter: what is asked, what is sent, what is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.card.port import CardSession, Token
from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from bridge.card.safety.guard import CONFIRMATION, Notice, Prompt
from bridge.card.safety.ledger import Ledger, LedgerBroken, Pending
from bridge.card.safety.pin import Pin
from bridge.card.safety.tries import Hint, Source, Tries
from bridge.errors import BridgeError, CardRemoved, PinCancelled, PinFormat, PinLastTry, PinLocked, PinWrong
from tests.unit.guard_bench import CARD, Bench, Desk, Silent


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_right_pin_logs_in_and_every_buffer_is_zero(bench: Bench) -> None:
    desk = Desk(b"1234")
    bench.login(desk)
    assert desk.prompts == [Prompt(Tries.counted(3, 3), 0, None, must_confirm=False)]
    assert all(used.wiped for used in desk.pins)
    assert bench.left == 3


def test_one_ok_is_one_refused_try_and_nothing_follows(bench: Bench) -> None:
    desk = Desk(b"9999", b"1234")
    with pytest.raises(PinWrong) as caught:
        bench.login(desk)
    assert caught.value.tries == Tries.counted(2, 3)
    assert (bench.left, len(desk.prompts)) == (2, 1)
    assert desk.pins[0].wiped


def test_the_counter_is_shown_before_each_try_and_the_last_needs_typed_words(bench: Bench) -> None:
    for wrong, left in ((b"9991", 2), (b"9992", 1)):
        with pytest.raises(PinWrong):
            bench.login(Desk(wrong))
        assert bench.left == left
    careless = Desk(b"9993")
    with pytest.raises(PinLastTry):
        bench.login(careless)
    assert careless.prompts[0].must_confirm
    assert careless.prompts[0].tries.hint is Hint.LAST
    assert bench.left == 1


def test_a_lock_needs_the_confirmation_and_a_locked_card_opens_no_window(bench: Bench) -> None:
    for wrong in (b"9991", b"9992"):
        with pytest.raises(PinWrong):
            bench.login(Desk(wrong))
    with pytest.raises(PinLocked) as caught:
        bench.login(Desk(b"9993", typed=CONFIRMATION["ja"]))
    assert caught.value.tries == Tries.counted(0, 3)
    silent = Desk()
    with pytest.raises(PinLocked):
        bench.login(silent)
    assert silent.prompts == []


def test_policy_can_forbid_the_last_try(tmp_path: Path) -> None:
    bench = Bench(tmp_path, forbid_last_try=True)
    for wrong in (b"9991", b"9992"):
        with pytest.raises(PinWrong):
            bench.login(Desk(wrong))
    desk = Desk(b"1234", typed=CONFIRMATION["ja"])
    with pytest.raises(PinLastTry):
        bench.login(desk)
    assert (desk.prompts, bench.left) == ([], 1)


def test_the_right_pin_restores_the_counter_and_clears_the_ledger(bench: Bench) -> None:
    with pytest.raises(PinWrong):
        bench.login(Desk(b"9999"))
    assert bench.ledger.entry(CARD).failures == 1
    bench.login(Desk(b"1234"))
    assert bench.left == 3
    assert bench.ledger.entry(CARD).spent == 0


def test_a_pin_of_impossible_length_spends_no_try(bench: Bench) -> None:
    for wrong in (b"123", b"123456789"):
        with pytest.raises(PinFormat):
            bench.login(Desk(wrong))
    assert bench.left == 3


def test_cancel_spends_no_try(bench: Bench) -> None:
    with pytest.raises(PinCancelled):
        bench.login(Desk(PinCancelled()))
    assert bench.left == 3
    assert bench.ledger.entry(CARD).spent == 0


def test_a_try_spent_by_another_program_is_shown_before_anything_is_sent(bench: Bench) -> None:
    def meanwhile() -> bytes:
        card = practice.read(bench.directory)
        practice.write(bench.directory, card._replace(tries_left=2))
        return b"1234"

    desk = Desk(meanwhile, b"1234")
    bench.login(desk)
    assert [prompt.tries.count for prompt in desk.prompts] == [3, 2]
    assert desk.prompts[1].notice is Notice.TRIES_CHANGED
    assert all(used.wiped for used in desk.pins)


def test_a_card_pulled_while_the_window_is_open_ends_the_request(bench: Bench) -> None:
    def pulled() -> bytes:
        practice_slot.remove(bench.directory)
        return b"1234"

    with pytest.raises(CardRemoved):
        bench.login(Desk(pulled))
    assert bench.left == 3


def test_a_card_put_back_while_the_window_is_open_ends_the_request(bench: Bench) -> None:
    def put_back() -> bytes:
        practice_slot.remove(bench.directory)
        practice_slot.insert(bench.directory)
        return b"1234"

    with pytest.raises(CardRemoved):
        bench.login(Desk(put_back))
    assert bench.left == 3


def test_a_crash_between_ledger_and_card_counts_as_a_spent_try(bench: Bench) -> None:
    bench.ledger.begin(CARD, "reader", Pending("f" * 64, 3))
    crashed = Ledger(bench.directory / "ledger.json")
    assert crashed.entry(CARD).spent == 1
    # the card's own word corrects it
    assert bench.guard.tries(CARD, bench.find()).count == 3
    assert crashed.entry(CARD).spent == 0


def test_an_unknown_maximum_is_the_strictest_case_but_never_a_dead_end(bench: Bench) -> None:
    def find() -> Token:
        return Silent(bench.find(), None)

    prompts: list[Prompt] = []
    for wrong in (b"9991", b"9992"):
        desk = Desk(wrong)
        with pytest.raises(PinWrong):
            bench.guard.login(CARD, find, desk.ask)
        prompts += desk.prompts
    assert [(prompt.tries.count, prompt.failures, prompt.must_confirm) for prompt in prompts] == [
        (None, 0, False),
        (None, 1, False),
    ]
    careless = Desk(b"1234")
    with pytest.raises(PinLastTry):
        bench.guard.login(CARD, find, careless.ask)
    careful = Desk(b"1234", typed=CONFIRMATION["ja"])
    bench.guard.login(CARD, find, careful.ask)
    assert careful.prompts[0].failures == 2


def test_nothing_but_the_cards_word_is_a_wrong_pin(bench: Bench) -> None:
    (bench.directory / "card.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BridgeError) as caught:
        bench.login(Desk(b"1234"))
    assert caught.value.code == "card_failed"


def test_a_card_without_a_number_can_still_say_that_it_is_locked(bench: Bench) -> None:
    practice.write(bench.directory, practice.read(bench.directory)._replace(tries_left=0))
    with pytest.raises(PinLocked) as caught:
        bench.guard.login(CARD, lambda: Silent(bench.find(), 5), Desk(b"1234").ask)
    assert caught.value.tries == Tries(Hint.LOCKED, None, 5, Source.CARD)


def test_policy_forbids_what_the_card_calls_the_last_try_and_not_what_is_only_feared(tmp_path: Path) -> None:
    """An estimate that forbade would be a dead end: no success could ever clear it."""
    bench = Bench(tmp_path, forbid_last_try=True)
    for _ in range(3):
        bench.ledger.begin(CARD, "reader", Pending(None, None))
    desk = Desk(b"1234", typed=CONFIRMATION["ja"])
    bench.guard.login(CARD, lambda: Silent(bench.find(), None), desk.ask).end()
    assert (desk.prompts[0].must_confirm, desk.prompts[0].failures) == (True, 3)


def test_a_card_is_called_nearly_locked_where_the_next_try_wants_typed_words(bench: Bench) -> None:
    told = [bench.guard.nearly_locked(CARD, Tries.counted(left, 3)) for left in (3, 2, 1, 0)]
    assert told == [False, False, True, False]
    assert bench.guard.nearly_locked(CARD, Tries(Hint.LAST, None, None, Source.FLAGS))
    silent = Tries(Hint.UNKNOWN)
    assert not bench.guard.nearly_locked(CARD, silent)
    for _ in range(2):
        bench.ledger.begin(CARD, "reader", Pending(None, None))
    assert bench.guard.nearly_locked(CARD, silent)
    assert not bench.guard.nearly_locked("d" * 64, silent)
    (bench.directory / "ledger.json").write_text("[", encoding="utf-8")
    assert not bench.guard.nearly_locked(CARD, silent)


class TornSession(practice.PracticeSession):
    """The answer to its login never comes."""

    def login(self, pin: Pin) -> None:
        raise CardRemoved


class TornToken(practice.PracticeToken):
    def tries(self) -> Tries:
        return Tries(Hint.UNKNOWN, None, 3)

    def open(self) -> CardSession:
        return TornSession(self)


def test_a_login_without_an_answer_counts_as_spent_and_is_no_wrong_pin(bench: Bench) -> None:
    token = TornToken(bench.directory, practice_slot.insertion(bench.directory) or "")
    with pytest.raises(CardRemoved):
        bench.guard.login(CARD, lambda: token, Desk(b"1234").ask)
    assert bench.ledger.entry(CARD).spent == 1
    assert bench.ledger.unlocked() == {}, "the session's end has reset the card"


def test_a_ledger_that_cannot_be_written_lets_no_pin_out(bench: Bench) -> None:
    (bench.directory / "ledger.new").mkdir()
    answer = Desk(b"9999")
    with pytest.raises(LedgerBroken):
        bench.login(answer)
    assert bench.left == 3
    assert answer.pins[0].wiped
