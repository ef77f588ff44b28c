"""The fields of 資格審査情報検索 as the agency's rules have them, and what is said when nothing is found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from portal.form import fields
from portal.form.fields import Field, Kind
from portal.refusals import Problem
from portal.registration import names
from portal.search.settings import NumberFormat, SearchRules, User


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


_NAME_FIELD = Field("name", "商号又は名称", Kind.TEXT, 40, "40文字以内")


def search_fields(rules: SearchRules) -> tuple[Field, ...]:
    """The screen's fields in its order."""
    required, blank = rules.user is User.REQUIRED, rules.user is User.BLANK
    user, password = (Kind.BLANK, Kind.BLANK) if blank else (Kind.CODE, Kind.SECRET)
    return (
        NUMBERS[rules.number].field,
        _NAME_FIELD,
        Field("user_id", "ユーザID", user, 20, "半角英数字20文字以下", required),
        Field("password", "パスワード", password, 20, "半角英数字20文字以下", required),
    )


def check(typed: Mapping[str, str], rules: SearchRules, kept: bool) -> tuple[Problem, ...]:
    """Every problem of the screen's fields. With `kept` the password that belongs to this ユーザID is known already."""
    asked, values = search_fields(rules), fields.clean(typed, search_fields(rules))
    found = fields.check(typed, asked)
    if kept and not values["password"]:
        return tuple(problem for problem in found if problem.field != "password")
    if rules.user is User.OPTIONAL and bool(values["user_id"]) is not bool(values["password"]):
        return (*found, _other_half(values))
    return found


def _other_half(values: Mapping[str, str]) -> Problem:
    if values["user_id"]:
        return _problem("password", "ユーザIDを入力したときは、パスワードも入力してください。")
    return _problem("user_id", "パスワードを入力したときは、ユーザIDも入力してください。")


def unknown_number(agency: str) -> tuple[Problem, ...]:
    """Numbers are published: this one is not among them."""
    told = f"{agency}から通知された業者番号を確かめて入力してください。"
    return (_problem("number", f"この業者番号は資格審査情報にありません。{told}"),)


def wrong_name(typed: str, registered: str) -> tuple[Problem, ...]:
    """Numbers are published: the name is another, or is written differently (then the registered form is offered)."""
    offered = registered if names.same_company(typed, registered) else None
    return (_problem("name", f"資格審査情報に登録されている{_NAME}", offered),)


def nothing_found(values: Mapping[str, str], left: int) -> tuple[Problem, ...]:
    """Numbers are secret: one answer, whichever field is wrong. What is offered comes from what was typed alone."""
    written = names.written_out(values["name"])
    good = written != values["name"] and not fields.check({"name": written}, (_NAME_FIELD,))
    name = _problem("name", f"資格審査情報に登録されている{_NAME}", written if good else None)
    if not values["password"]:
        pair = "業者番号と商号又は名称の組み合わせを確認できません。両方を確かめてください。"
        return _problem("number", pair + _again(left)), name
    all_four = "業者番号、商号又は名称、ユーザID、パスワードの組み合わせを確認できません。すべてを確かめてください。"
    return (
        _problem("number", all_four + _again(left)),
        name,
        *(
            _problem(field, f"{_LABELS[field]}を確かめて、もう一度入力してください。")
            for field in ("user_id", "password")
        ),
    )


def user_absent() -> Problem:
    """The agency has brought accounts in, and none for this company."""
    what, told = "ユーザパスワード情報が登録されていません。", "業者番号を確かめるか、窓口へお問い合わせください。"
    return _problem("user_id", what + told)


def user_differs(field: str, left: int) -> Problem:
    """ユーザID or パスワード is another than the agency's."""
    return _problem(field, f"ユーザパスワード情報に登録されている{_LABELS[field]}を入力してください。{_again(left)}")


def _again(left: int) -> str:
    return f"あと{left}回検索できます。" if left else "続けて検索するには、しばらく時間をおいてください。"


_NAME = "商号又は名称を入力してください。(株)などは略さず、空白は入れません。"
_LABELS = {"number": "業者番号", "name": "商号又は名称", "user_id": "ユーザID", "password": "パスワード"}


def _problem(field: str, message: str, suggestion: str | None = None) -> Problem:
    return Problem(field, _LABELS[field], message, suggestion)
