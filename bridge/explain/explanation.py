"""One code in words: what happened, what to do next, whom to call."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from bridge import problems


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
    old = tuple(number for number, entry in _table()["old"].items() if code in entry["codes"])
    return Explanation(code, text["title"], detail, text["help"], str(_table()["who"][language][_who(code)]), old)


def explain_old(code: str, language: str) -> OldCode:
    """Raises KeyError for a code that the earlier helper did not have, as far as is known."""
    entry = _table()["old"][code]
    return OldCode(code, entry[language], tuple(entry["codes"]))


def codes() -> tuple[str, ...]:
    """Every code of the bridge, in the order of its texts."""
    return tuple(code for code in problems.texts() if code != "tries")


def old_codes() -> tuple[str, ...]:
    return tuple(_table()["old"])


def called(code: str, language: str) -> str:
    """Whom to call, in a word or two."""
    return str(_table()["short"][language][_who(code)])


def _who(code: str) -> str:
    return str(next(who for who, listed in _table()["call"].items() if code in listed))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("bridge.explain").joinpath("codes.toml").read_text(encoding="utf-8"))
