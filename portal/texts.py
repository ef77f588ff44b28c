"""The texts for people, one per refusal code in each language (texts.toml, read once)."""

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
    return _texts()[code]["en" if language == "en" else "ja"]


def codes() -> frozenset[str]:
    """Every code that has texts."""
    return frozenset(_texts())


@cache
def _texts() -> dict[str, dict[str, Text]]:
    source = resources.files("portal").joinpath("texts.toml").read_text(encoding="utf-8")
    return {
        code: {language: Text(**entry) for language, entry in languages.items()}
        for code, languages in tomllib.loads(source).items()
    }
