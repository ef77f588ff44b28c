"""The agency's rules for 資格審査情報検索, with Yamaguchi's as defaults. Table [search]."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NumberFormat(StrEnum):
    """What a 業者番号 looks like."""

    ALPHANUMERIC_9 = "alphanumeric-9"
    DIGITS_9_PADDED = "digits-9-padded"  # shorter numbers get zeros on the left
    DIGITS_10 = "digits-10"


class Numbers(StrEnum):
    """Who knows the 業者番号."""

    PUBLISHED = "published"  # everybody: a search says which field is wrong
    SECRET = "secret"  # noqa: S105 - the word; the company alone: a search tells nothing, and attempts are counted


class User(StrEnum):
    """ユーザID and パスワード of 入札情報公開システム on this screen."""

    BLANK = "blank"  # stay empty
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class SearchRules:
    """`attempts` searches that found nothing may be made with one card in `attempt_minutes`, where they are counted:

    where numbers are secret, and where a password is checked.
    """

    number: NumberFormat = NumberFormat.ALPHANUMERIC_9
    numbers: Numbers = Numbers.PUBLISHED
    user: User = User.BLANK
    attempts: int = 5
    attempt_minutes: int = 60


def fault(rules: SearchRules) -> str | None:
    """What cannot be: the key and what is expected of it."""
    for key in ("attempts", "attempt_minutes"):
        if getattr(rules, key) < 1:
            return f"{key}: expected 1 or more"
    return None
