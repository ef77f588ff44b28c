"""The fields of 資格審査情報検索 as the agency's rules have them, and what is said when nothing is found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from portal import fields, names
from portal.fields import Field, Kind
from portal.refusals import Problem
from portal.search.settings import NumberFormat, SearchRules


class NumberForm(NamedTuple):
    """A 業者番号 as a field: its kind and length, the words beside it, whether zeros on the left fill it up."""

    kind: Kind
    length: int
    hint: str
    pad: bool = False

    @property
    def field(self) -> Field:
        return Field("number", "業者番号", self.kind, self.length, self.hint, exact=True, pad=self.pad)


NUMBERS = {
    NumberFormat.ALPHANUMERIC_9: NumberForm(Kind.CODE, 9, "半角英数字9文字"),
    NumberFormat.DIGITS_9_PADDED: NumberForm(Kind.DIGITS, 9, "半角数字9文字", pad=True),
    NumberFormat.DIGITS_10: NumberForm(Kind.DIGITS, 10, "半角数字10文字"),
}


def search_fields(rules: SearchRules) -> tuple[Field, ...]:
    """The screen's fields in its order."""
    return (
        NUMBERS[rules.number].field,
        Field("name", "商号又は名称", Kind.TEXT, 40, "40文字以内"),
        Field("user_id", "ユーザID", Kind.BLANK, 20, "半角英数字20文字以下", required=False),
        Field("password", "パスワード", Kind.BLANK, 20, "半角英数字20文字以下", required=False),
    )


def unknown_number(agency: str) -> tuple[Problem, ...]:
    """Numbers are published: this one is not among them."""
    told = f"{agency}から通知された業者番号を確かめて入力してください。"
    return (_problem("number", f"この業者番号は資格審査情報にありません。{told}"),)


def wrong_name(typed: str, registered: str) -> tuple[Problem, ...]:
    """Numbers are published: the name is another, or is written differently (then the registered form is offered)."""
    offered = registered if names.same_company(typed, registered) else None
    return (_problem("name", f"資格審査情報に登録されている{_NAME}", offered),)


def nothing_found(values: Mapping[str, str], left: int, rules: SearchRules) -> tuple[Problem, ...]:
    """Numbers are secret: one answer, whichever field is wrong. What is offered comes from what was typed alone."""
    again = f"あと{left}回検索できます。" if left else "続けて検索するには、しばらく時間をおいてください。"
    written = names.written_out(values["name"])
    good = written != values["name"] and not fields.check({**values, "name": written}, search_fields(rules))
    return (
        _problem("number", f"業者番号と商号又は名称の組み合わせを確認できません。両方を確かめてください。{again}"),
        _problem("name", f"資格審査情報に登録されている{_NAME}", written if good else None),
    )


_NAME = "商号又は名称を入力してください。(株)などは略さず、空白は入れません。"
_LABELS = {"number": "業者番号", "name": "商号又は名称"}


def _problem(field: str, message: str, suggestion: str | None = None) -> Problem:
    return Problem(field, _LABELS[field], message, suggestion)
