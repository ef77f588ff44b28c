"""What could be meant by somebody who types so many characters into a field of the table."""

from __future__ import annotations

from typing import Final

from tests.procedure.example import FORM
from tests.procedure.table import SCREENS, Field


def value(field: Field, length: int) -> str:
    """A value of the field's kind, so long."""
    longest = {
        "text": "あ" * length,
        "code": "a" * length,
        "phone": "0-0-".ljust(length, "0"),
        "postal": "123-".ljust(length, "4"),
        "mail": "a@example.".ljust(length, "b"),
    }
    return longest[field.of]


def limited(screen: str) -> list[Field]:
    """The fields of a screen that have a limit of their own."""
    return [field for field in SCREENS[screen].fields if field.limit is not None]


def _longest() -> dict[str, str]:
    filled = {field.name: value(field, field.limit) for field in limited("利用者登録") if field.limit is not None}
    return {**FORM, **filled, **{f"{part}_mail_again": filled[f"{part}_mail"] for part in ("contact", "card")}}


LONGEST: Final = _longest()
"""利用者登録 with every field at its limit."""
