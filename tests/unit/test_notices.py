from __future__ import annotations

import json
from pathlib import Path

import pytest

from tray.notices import texts
from tray.notices.expiry import due
from tray.notices.memory import FILE, Memory

CERTIFICATE = "ab" * 32


@pytest.mark.parametrize(
    ("days", "told", "threshold"),
    [
        (61, None, None),
        (60, None, 60),
        (31, None, 60),
        (59, 60, None),
        (30, 60, 30),
        (29, 30, None),
        (7, 30, 7),
        (7, 60, 7),
        (3, None, 7),
        (3, 7, None),
        (0, 30, 7),
        (-1, None, None),
    ],
)
def test_each_threshold_is_told_once_and_of_several_the_last(
    days: int, told: int | None, threshold: int | None
) -> None:
    assert due(days, told) == threshold


def test_a_whole_life_is_three_reminders() -> None:
    told: int | None = None
    seen = []
    for days in range(90, -5, -1):
        if (now := due(days, told)) is not None:
            told = now
            seen.append((days, now))
    assert seen == [(60, 60), (30, 30), (7, 7)]


def test_what_was_told_is_known_after_a_restart_and_names_nobody(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "new")
    assert (memory.reminded(CERTIFICATE), memory.no_icon) == (None, False)
    memory.remind(CERTIFICATE, 60)
    memory.remind("cd" * 32, 7)
    memory.remind(CERTIFICATE, 30)
    memory.set_no_icon(known=True)
    again = Memory(tmp_path / "new")
    assert (again.reminded(CERTIFICATE), again.reminded("cd" * 32), again.no_icon) == (30, 7, True)
    file = tmp_path / "new" / FILE
    assert CERTIFICATE not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    other = Memory(tmp_path / "other")
    other.remind(CERTIFICATE, 60)
    entries = [set(json.loads((tmp_path / each / FILE).read_text())["expiry"]) for each in ("new", "other")]
    assert entries[0].isdisjoint(entries[1])


@pytest.mark.parametrize("damaged", [b"", b"{}", b'{"v": 1, "key": "x", "expiry": {}, "no_icon": true}', b"\xff"])
def test_a_file_that_cannot_be_read_tells_again_and_is_replaced(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / FILE).write_bytes(damaged)
    memory = Memory(tmp_path)
    assert (memory.reminded(CERTIFICATE), memory.no_icon) == (None, False)
    memory.remind(CERTIFICATE, 60)
    assert memory.reminded(CERTIFICATE) == 60


def test_a_place_that_takes_nothing_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    memory = Memory(tmp_path / "file")
    memory.remind(CERTIFICATE, 60)
    assert memory.reminded(CERTIFICATE) is None


def test_texts() -> None:
    reminder = texts.expiry("北東 次郎", "2027/01/29", 30, "ja")
    assert reminder.title == "証明書の有効期限まで、あと 30 日です"
    assert reminder.text.startswith("北東 次郎：有効期限 2027/01/29。")
    assert texts.expiry("", "2027/01/29", 0, "en").title == "The certificate expires today"
    assert texts.expiry("", "2027/01/29", 0, "en").text.startswith("The card's certificate: valid until 2027/01/29.")
    assert texts.inserted("Reader \u202e0", "en").text == "Reader ⟨U+202E⟩0"
    longest = [texts.expiry("あ" * 64, "2027/01/29", 60, language) for language in ("ja", "en")]
    assert all(len(each.title) < 64 and len(each.text) < 256 for each in longest)
