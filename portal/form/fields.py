"""The procedure's fields (labels, limits, examples, order) and what may be typed into them.

Pure. Nothing is changed behind a person's back: a value is accepted as typed (spaces at its ends apart), or a problem
says what to do and, where we can tell, offers the corrected value.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from portal.form import characters
from portal.refusals import Problem


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    CODE = "code"
    DIGITS = "digits"
    PHONE = "phone"
    POSTAL = "postal"
    MAIL = "mail"
    MAIL_AGAIN = "mail_again"
    SECRET = "secret"  # noqa: S105 - the kind's name; a code that is never shown again
    BLANK = "blank"


class Field(NamedTuple):
    """One field of a screen; `hint` is the text in parentheses beside it, `exact` says that `limit` is the length.

    `note` is the screen's own sentence about this field; `pad` says that zeros on the left fill it up.
    """

    name: str
    label: str
    kind: Kind
    limit: int
    hint: str
    required: bool = True
    exact: bool = False
    note: str = ""
    pad: bool = False


class Section(NamedTuple):
    """A titled group of fields; `name` prefixes its field names."""

    name: str
    label: str
    note: str
    fields: tuple[Field, ...]


_PHONE_HINT = "半角 例:03-0000-0000"


def _contact_fields(prefix: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}_name", "連絡先名称(部署名等)", Kind.TEXT, 60, "60文字以内"),
        Field(f"{prefix}_postal", "連絡先郵便番号", Kind.POSTAL, 8, "半角 例:123-4567"),
        Field(f"{prefix}_address", "連絡先住所", Kind.TEXT, 60, "60文字以内"),
        Field(f"{prefix}_person", "連絡先氏名", Kind.TEXT, 20, "20文字以内"),
        Field(f"{prefix}_phone", "連絡先電話番号", Kind.PHONE, 25, _PHONE_HINT),
        Field(f"{prefix}_fax", "連絡先FAX番号", Kind.PHONE, 25, _PHONE_HINT),
        Field(f"{prefix}_mail", "連絡先メールアドレス", Kind.MAIL, 100, "半角100文字以内"),
        Field(f"{prefix}_mail_again", "メールアドレス再入力", Kind.MAIL_AGAIN, 100, "上記内容再度入力"),
    )


COMPANY = Section(
    "company",
    "企業情報",
    "",
    (
        Field("company_phone", "代表電話番号", Kind.PHONE, 25, _PHONE_HINT),
        Field("company_fax", "代表FAX番号", Kind.PHONE, 25, _PHONE_HINT),
        Field(
            *("company_department", "部署名", Kind.TEXT, 30, "30文字以内"),
            note="部署名がない場合は、企業名称を入力してください。",
        ),
    ),
)
CONTACT = Section("contact", "代表窓口情報", "指名時はここにメールが送信されます。", _contact_fields("contact"))
CARD = Section(
    "card",
    "ICカード利用部署情報",
    "代表窓口情報とICカード利用部署情報は同じ内容を入力してください。",
    _contact_fields("card"),
)
FORM: tuple[Section, ...] = (COMPANY, CONTACT, CARD)


def clean(typed: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, str]:
    """The values of exactly these fields, without spaces at their ends; a field not typed is empty."""
    return {field.name: typed.get(field.name, "").strip() for field in fields}


def form_fields() -> tuple[Field, ...]:
    """All fields of the form, in the order of the screen."""
    return tuple(field for section in FORM for field in section.fields)


def check_form(typed: Mapping[str, str], company: str) -> tuple[Problem, ...]:
    """Every problem of the form's fields, in order; empty when all can be used. `company` is 企業名称."""
    return check(typed, form_fields(), offers(company))


def offers(company: str) -> dict[str, str]:
    """What a person may put into an empty field by one button: 企業名称 as 部署名, where it can stand there."""
    (field,) = (field for field in COMPANY.fields if field.name == "company_department")
    return {field.name: company} if _problem(field, {field.name: company}, {}) is None else {}


def check(
    typed: Mapping[str, str], fields: tuple[Field, ...], offered: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Every problem of these fields, in order; `offered` are values for fields that are empty."""
    values, offered = clean(typed, fields), offered or {}
    return tuple(problem for field in fields if (problem := _problem(field, values, offered)) is not None)


def _problem(field: Field, values: Mapping[str, str], offered: Mapping[str, str]) -> Problem | None:
    value = values[field.name]
    if field.kind is Kind.BLANK:
        return _at(field, f"{field.label}は空欄としてください。入力した文字を消してください。", "") if value else None
    if not value:
        return _at(field, f"{field.label}を入力してください。", offered.get(field.name)) if field.required else None
    if field.kind is Kind.MAIL_AGAIN:
        return _repeated(field, value, values[field.name.removesuffix("_again")])
    found = characters.fault(field.kind, value)
    if found is not None:
        return _at(field, f"{field.label}{found.message}", _usable(field, found.suggestion))
    return _length(field, value)


def _usable(field: Field, suggestion: str | None) -> str | None:
    """What may be offered: a value that the field would take, filled up where its rule says so."""
    if suggestion is None:
        return None
    filled = suggestion.zfill(field.limit) if field.pad else suggestion
    return filled if characters.fault(field.kind, filled) is None and _fits(field, filled) else None


def _repeated(field: Field, again: str, mail: str) -> Problem | None:
    if again == mail:
        return None
    return _at(field, "メールアドレスが上の欄と一致しません。両方の欄を見比べて、同じアドレスを入力してください。")


def _fits(field: Field, value: str) -> bool:
    return len(value) == field.limit if field.exact else len(value) <= field.limit


def _length(field: Field, value: str) -> Problem | None:
    if _fits(field, value):
        return None
    typed = f"(入力は{len(value)}文字)"
    if field.exact:
        return _at(field, f"{field.label}は{field.limit}文字で入力してください{typed}。", _usable(field, value))
    return _at(field, f"{field.label}は{field.limit}文字以内です{typed}。短くしてください。")


def _at(field: Field, message: str, suggestion: str | None = None) -> Problem:
    return Problem(field.name, field.label, message, suggestion)
