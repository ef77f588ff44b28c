"""What the portal's log leaves out."""

from __future__ import annotations

import logging

from portal.web.logs import Seldom


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
