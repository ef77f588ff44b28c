"""What may be typed: each field's rule, its message and the value offered instead."""

from __future__ import annotations

import pytest

from portal.form import fields
from portal.form.fields import Kind
from portal.refusals import Problem
from portal.registration import names
from portal.search import screen
from portal.search.settings import SearchRules
from tests.unit.portal_world import FORM, SEARCH

COMPANY = "北東組株式会社"


def problem(typed: dict[str, str]) -> Problem:
    (found,) = fields.check_form({**FORM, **typed}, COMPANY)
    return found


def test_the_procedures_own_example_is_accepted() -> None:
    assert fields.check_form(FORM, COMPANY) == ()
    assert fields.check(SEARCH, screen.search_fields(SearchRules())) == ()


def test_the_procedures_labels_and_limits() -> None:
    assert [(f.label, f.limit, f.hint) for f in screen.search_fields(SearchRules())] == [
        ("業者番号", 9, "半角英数字9文字"),
        ("商号又は名称", 40, "40文字以内"),
        ("ユーザID", 20, "半角英数字20文字以下"),
        ("パスワード", 20, "半角英数字20文字以下"),
    ]
    assert [section.label for section in fields.FORM] == ["企業情報", "代表窓口情報", "ICカード利用部署情報"]
    limits = {f.name: f.limit for f in fields.form_fields() if f.kind in (Kind.TEXT, Kind.MAIL)}
    assert limits == {
        "company_department": 30,
        "contact_name": 60,
        "contact_address": 60,
        "contact_person": 20,
        "contact_mail": 100,
        "card_name": 60,
        "card_address": 60,
        "card_person": 20,
        "card_mail": 100,
    }


def test_every_empty_field_is_named_in_order() -> None:
    found = fields.check_form({}, COMPANY)
    assert [p.field for p in found] == [f.name for f in fields.form_fields()]
    assert all("入力してください" in p.message for p in found)


@pytest.mark.parametrize(
    ("field", "typed", "message", "suggestion"),
    [
        ("company_phone", "０４４－８１２－７３５８２", "半角数字とハイフン", "044-812-73582"),
        ("company_phone", "044ー812ー73582", "半角数字とハイフン", "044-812-73582"),
        ("company_phone", "04481273582", "3つに区切って", None),
        ("company_fax", "044-812", "3つに区切って", None),
        ("contact_postal", "1234567", "123-4567", "123-4567"),
        ("contact_postal", "〒１２３－４５６７", "123-4567", "123-4567"),
        ("contact_postal", "123-456", "123-4567", None),
        ("contact_name", "㈱北東組", "「㈱」", "株式会社北東組"),
        ("contact_person", "髙﨑 德子", "「髙」、「﨑」、「德」", "高崎 徳子"),
        ("contact_name", "ｶﾞｽ課①", "指定可能な文字以外", "ガス課1"),
        ("contact_name", "Ⅲ課", "「Ⅲ」", "III課"),
        ("contact_name", "第一課😀", "「😀」", None),
        ("contact_name", "営業\u202e部", "目に見えない文字", "営業部"),
        ("contact_name", "営業\n部", "目に見えない文字", "営業部"),
        ("company_department", "あ" * 31, "30文字以内です(入力は31文字)", None),
    ],
)
def test_problems_say_what_to_do(field: str, typed: str, message: str, suggestion: str | None) -> None:
    found = problem({field: typed})
    assert found.field == field
    assert message in found.message
    assert found.suggestion == suggestion


@pytest.mark.parametrize(
    ("typed", "message", "suggestion"),
    [
        ("hokuto,001@example.co.jp", "カンマ", "hokuto.001@example.co.jp"),
        ("hokuto@example,co,jp", "カンマ", "hokuto@example.co.jp"),
        ("ｈｏｋｕｔｏ＠example.co.jp", "半角", "hokuto@example.co.jp"),
        ("hokuto@example", "name@example.co.jp", None),
        ("hokuto", "name@example.co.jp", None),
        ("a@b.jp\r\nBcc: c@d.jp", "name@example.co.jp", None),
        (f"{'a' * 60}@{'b' * 40}.jp", "100文字以内", None),
    ],
)
def test_mail_addresses(typed: str, message: str, suggestion: str | None) -> None:
    found = problem({"contact_mail": typed, "contact_mail_again": typed})
    assert message in found.message
    assert found.suggestion == suggestion


def test_mail_re_entry() -> None:
    assert problem({"card_mail_again": "other@example.co.jp"}).field == "card_mail_again"
    assert "一致しません" in problem({"card_mail_again": "other@example.co.jp"}).message


def test_without_a_department_the_company_name_is_offered_where_it_fits() -> None:
    assert problem({"company_department": ""}).suggestion == COMPANY
    for long_or_odd in ("あ" * 31, "髙橋組", ""):
        (found,) = fields.check_form({**FORM, "company_department": ""}, long_or_odd)
        assert found.suggestion is None
        assert fields.offers(long_or_odd) == {}


def test_phones_are_three_groups_of_digits_and_nothing_stricter() -> None:
    for number in ("044-812-73582", "03-0000-0000", "0-0-0", "0120-000-000", "08387-2-0000"):
        assert fields.check_form({**FORM, "company_phone": number, "card_fax": number}, COMPANY) == ()
    for number in ("044812-73582", "1-2-3-4", "044-812-", "-1-2", "044 812 73582", "044-812-7358a"):
        assert problem({"company_phone": number}).field == "company_phone"


def test_spaces_at_the_ends_are_not_the_persons_problem() -> None:
    assert fields.check_form({**FORM, "company_phone": " 044-812-73582 "}, COMPANY) == ()


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("株式会社A建設", "(株)A建設", True),
        ("株式会社A建設", "㈱ Ａ建設", True),
        ("B建設有限会社○○支店", "B建設(有) ○○支店", True),
        ("髙橋組", "高橋組", True),
        ("𠮷濵靑果㈲", "吉浜青果有限会社", True),
        ("株式会社A建設", "A建設株式会社", False),
        ("株式会社A建設", "株式会社AA建設", False),
        ("", "", False),
    ],
)
def test_company_names(left: str, right: str, same: bool) -> None:
    assert names.same_company(left, right) is same
