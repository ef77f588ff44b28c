"""One code in words: what happened, what to do next, whom to call."""

from __future__ import annotations

from typing import NamedTuple

from bridge import problems
from bridge.explain import callers


class Explanation(NamedTuple):
    """In one language. `old`: the codes under which the earlier helper showed the same cause."""

    code: str
    title: str
    detail: str
    help: str
    call: str
    old: tuple[str, ...]


class OldCode(NamedTuple):
    """A code of the earlier helper: a sentence in one language, and the codes of ours that it stood for."""

    code: str
    text: str
    codes: tuple[str, ...]


def explain(code: str, language: str) -> Explanation:
    """Raises KeyError for a code that does not exist; `language` is ja or en."""
    if code not in codes():
        raise KeyError(code)
    text = problems.texts()[code][language]
    detail = text["detail"].format(tries="").strip()  # how many are left is known of a card, not of a code
    old = tuple(number for number, entry in callers.table()["old"].items() if code in entry["codes"])
    call = str(callers.table()["who"][language][callers.who(code)])
    return Explanation(code, text["title"], detail, text["help"], call, old)


def explain_old(code: str, language: str) -> OldCode:
    """Raises KeyError for a code that the earlier helper did not have, as far as is known."""
    entry = callers.table()["old"][code]
    return OldCode(code, entry[language], tuple(entry["codes"]))


def codes() -> tuple[str, ...]:
    """Every code of the bridge, in the order of its texts."""
    return tuple(code for code in problems.texts() if code != "tries")


def old_codes() -> tuple[str, ...]:
    return tuple(callers.table()["old"])


def called(code: str, language: str) -> str:
    """Whom to call, in a word or two."""
    return str(callers.table()["short"][language][callers.who(code)])
