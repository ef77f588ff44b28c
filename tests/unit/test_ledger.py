"""What the ledger remembers, and that a broken one stops PIN entry instead of forgetting."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bridge.card.safety.ledger import Entry, Ledger, LedgerBroken, Mark, Pending

READER = "Reader 00 00"
FINGERPRINT = "f" * 64


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.json")


def begin(ledger: Ledger, left: int | None, fingerprint: str | None = FINGERPRINT) -> None:
    ledger.begin("a", READER, Pending(fingerprint, left))


def test_entries_survive_a_new_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ledger.json"
    begin(Ledger(path), 3)
    assert Ledger(path).entry("a") == Entry(0, Pending(FINGERPRINT, 3), READER)
    Ledger(path).refused("a", 2)
    Ledger(path).begin("b", READER, Pending(None, None))
    Ledger(path).accepted("b")
    again = Ledger(path)
    assert again.entry("a") == Entry(1, marks=(Mark(FINGERPRINT, 2),))
    assert again.unlocked() == {"b": READER}
    again.closed("b")
    assert again.unlocked() == {}


def test_two_crashes_count_twice(ledger: Ledger) -> None:
    begin(ledger, None)
    begin(ledger, None)
    assert ledger.entry("a").spent == 2


def test_a_login_that_was_begun_may_have_left_the_card_unlocked(ledger: Ledger) -> None:
    begin(ledger, 3)
    assert ledger.unlocked() == {"a": READER}


@pytest.mark.parametrize("maximum", [3, None])
def test_a_counter_that_fell_over_a_crash_says_that_the_pin_was_refused(ledger: Ledger, maximum: int | None) -> None:
    begin(ledger, 3)
    ledger.counted("a", 2, maximum)
    assert ledger.entry("a") == Entry(1, None, READER, (Mark(FINGERPRINT, 2),))


@pytest.mark.parametrize("maximum", [3, None])
def test_a_counter_that_stands_says_that_no_try_was_spent(ledger: Ledger, maximum: int | None) -> None:
    begin(ledger, 3)
    ledger.counted("a", 3, maximum)
    assert ledger.entry("a") == Entry(0, None, READER)


def test_a_counter_that_rose_clears_what_was_refused_before(ledger: Ledger) -> None:
    begin(ledger, 3)
    ledger.refused("a", 2)
    ledger.counted("a", 3, None)
    assert ledger.entry("a") == Entry()


def test_a_refusal_without_a_reading_is_one_less_than_before(ledger: Ledger) -> None:
    begin(ledger, 3)
    ledger.refused("a", None)
    assert ledger.entry("a").marks == (Mark(FINGERPRINT, 2),)


def test_a_pin_typed_on_the_reader_leaves_no_fingerprint(ledger: Ledger) -> None:
    begin(ledger, 3, None)
    ledger.refused("a", 2)
    assert ledger.entry("a") == Entry(1)


def test_only_the_owner_can_read_it(tmp_path: Path, ledger: Ledger) -> None:
    begin(ledger, 3)
    assert stat.S_IMODE((tmp_path / "ledger.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cards": {"a": [1]}}', '{"cards": {"a": [0, [], "", []]}}'])
def test_a_broken_file_is_no_empty_one(tmp_path: Path, ledger: Ledger, content: str) -> None:
    (tmp_path / "ledger.json").write_text(content, encoding="utf-8")
    with pytest.raises(LedgerBroken):
        ledger.entry("a")


def test_the_fingerprints_kept_are_bounded(ledger: Ledger) -> None:
    for number in range(40):
        begin(ledger, None, f"{number:064x}")
        ledger.refused("a", None)
    assert [int(mark.fingerprint, 16) for mark in ledger.entry("a").marks] == list(range(24, 40))
