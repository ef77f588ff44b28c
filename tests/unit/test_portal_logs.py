"""What the portal's log leaves out, and what becomes of a line where its file cannot be written."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from portal.web.logs import Line, Rotated, Seldom, beside


def record(text: str, seconds: float) -> logging.LogRecord:
    made = logging.LogRecord("asyncio", logging.ERROR, __file__, 1, text, None, None)
    made.created = seconds
    return made


def test_the_same_text_comes_once_in_ten_seconds() -> None:
    seldom = Seldom()
    assert [seldom.filter(record("full", second)) for second in (0, 1, 9.9, 10, 11)] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_another_text_comes_at_once_and_the_first_again_after_it() -> None:
    seldom = Seldom()
    assert all(seldom.filter(record(text, 1)) for text in ("full", "broken", "full"))


def test_a_clock_that_was_put_back_silences_nothing() -> None:
    seldom = Seldom()
    assert [seldom.filter(record("full", second)) for second in (3600, 0)] == [True, True]


def test_a_line_that_finds_no_file_goes_to_stderr_and_the_next_into_a_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    handler = Rotated(folder / "portal.log")
    handler.setFormatter(Line())
    handler.emit(record("first", 1))
    folder.rename(tmp_path / "away")
    handler.emit(record("second", 2))
    folder.mkdir()
    handler.emit(record("third", 3))
    handler.close()
    assert '"second"' in capsys.readouterr().err
    assert '"first"' in (tmp_path / "away" / "portal.log").read_text()
    assert '"third"' in (folder / "portal.log").read_text()


def test_a_portal_for_practice_has_a_file_of_its_own() -> None:
    assert beside(Path("/var/log/portal.log")) == Path("/var/log/portal-practice.log")
