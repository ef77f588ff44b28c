"""What the ledger remembers, and that a broken one stops PIN entry instead of forgetting."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bridge.card.ledger import Entry, Ledger, LedgerBroken


def test_entries_survive_a_new_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ledger.json"
    Ledger(path).begin("a")
    assert Ledger(path).entry("a") == Entry(0, pending=True)
    Ledger(path).refused("a", "f" * 64, 2)
    Ledger(path).accepted("b", "reader")
    again = Ledger(path)
    assert again.entry("a") == Entry(1, pending=False, fingerprints=(("f" * 64, 2),))
    assert again.unlocked() == {"b": "reader"}
    again.closed("b")
    assert again.unlocked() == {}


def test_two_crashes_count_twice(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.begin("a")
    ledger.begin("a")
    assert ledger.entry("a").spent == 2


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    Ledger(tmp_path / "ledger.json").begin("a")
    assert stat.S_IMODE((tmp_path / "ledger.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cards": {"a": [1]}}'])
def test_a_broken_file_is_no_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "ledger.json").write_text(content, encoding="utf-8")
    with pytest.raises(LedgerBroken):
        Ledger(tmp_path / "ledger.json").entry("a")


def test_the_fingerprints_kept_are_bounded(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    for number in range(40):
        ledger.refused("a", f"{number:064x}", None)
    assert len(ledger.entry("a").fingerprints) <= 16
