"""Whom to call about a code: the card's authority, the agency of the site, the PC's administrator, or nobody."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from bridge.settings.sections import ContactSettings


class Who(StrEnum):
    """The lists of codes.toml."""

    NOBODY = "nobody"
    AUTHORITY = "authority"
    AGENCY = "agency"
    ADMINISTRATOR = "administrator"


def who(code: str) -> Who:
    """Raises StopIteration for a code that does not exist."""
    return Who(next(who for who, listed in table()["call"].items() if code in listed))


def line(who: Who, contact: ContactSettings, language: str) -> str:
    """Where that one is reached, as the settings know it: a line in ja or en, or an empty text."""
    known = {Who.AGENCY: contact.agency, Who.ADMINISTRATOR: contact.administrator}.get(who, "")
    return str(table()["reached"][language][who]).format(known) if known else ""


@cache
def table() -> dict[str, Any]:
    """codes.toml. Read on the first failure, not at start."""
    return tomllib.loads(resources.files("bridge.explain").joinpath("codes.toml").read_text(encoding="utf-8"))
