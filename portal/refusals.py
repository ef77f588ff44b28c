"""Every way in which the portal says no: a stable code, or problems at named fields.

The texts for people are in texts.toml, one per code (see portal.texts).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple


class Refused(Exception):
    """One refusal with a stable `code`; `fact` says for the log what was found, without personal data.

    `when` is the moment that the code's text names as {when}, where it names one.
    """

    def __init__(self, code: str, fact: str = "", when: datetime | None = None) -> None:
        super().__init__(f"{code}: {fact}" if fact else code)
        self.code = code
        self.fact = fact
        self.when = when


@contextmanager
def in_words(words: Mapping[str, str]) -> Iterator[None]:
    """Inside, a refusal whose code is in `words` (code → code) is told in a procedure's own words, with its way on."""
    try:
        yield
    except Refused as refusal:
        if refusal.code not in words:
            raise
        raise Refused(words[refusal.code], refusal.fact, refusal.when) from refusal


class SearchLimited(Refused):
    """Too many searches with this card found nothing; `until` is when the next may be made (UTC, aware)."""

    def __init__(self, until: datetime) -> None:
        super().__init__("search_limited")
        self.until = until


class Problem(NamedTuple):
    """One error at one field: `message` says what to do, `suggestion` is a corrected value to offer, or None."""

    field: str
    label: str
    message: str
    suggestion: str | None = None


class Invalid(Exception):
    """What was typed cannot be accepted yet; every field's problem is named, in the order of the screen."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} field(s): {', '.join(p.field for p in problems)}")
        self.problems = problems
