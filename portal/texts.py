"""The texts for people, one per refusal code in each language (texts.toml and verdicts.toml, read once)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

LANGUAGES = ("ja", "en")


class Text(NamedTuple):
    """What happened, in a few words and in a sentence, and what to do next."""

    title: str
    detail: str
    help: str


def text(code: str, language: str = "ja") -> Text:
    """The text of a refusal code, Japanese unless the language is `en`. Raises KeyError for a code that has none."""
    return _read("texts.toml")[code]["en" if language == "en" else "ja"]


def verdict(code: str, language: str = "ja") -> Text:
    """The same of a saved file that 検証機能 does not call valid. Raises KeyError for a code that has no text."""
    own = _read("verdicts.toml").get(code)
    return own["en" if language == "en" else "ja"] if own is not None else text(code, language)


def ordered_codes() -> tuple[str, ...]:
    """Every code that has texts, in the order of the file: what the bytes must be first."""
    return tuple(_read("texts.toml"))


def codes() -> frozenset[str]:
    """Every code that has texts."""
    return frozenset(ordered_codes())


def whom(code: str) -> str:
    """Whom to call about it: agency, authority or nobody. Raises KeyError for a code that stands in no list."""
    return _whom()[code]


@cache
def _whom() -> dict[str, str]:
    lists = tomllib.loads(resources.files("portal").joinpath("whom.toml").read_text(encoding="utf-8"))
    return {code: who for who, listed in lists.items() for code in listed}


@cache
def _read(name: str) -> dict[str, dict[str, Text]]:
    source = resources.files("portal").joinpath(name).read_text(encoding="utf-8")
    return {
        code: {language: Text(**entry) for language, entry in languages.items()}
        for code, languages in tomllib.loads(source).items()
    }
