"""A statement as the signing window lists it: every value, in its bytes' order, in the person's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.card.asking.reading import Line, lines
from bridge.card.signature import statement

NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)
SECTIONS = [
    {
        "label": "企業情報",
        "value": [
            {"label": "企業名称", "value": "北東組株式会社"},
            {"label": "部署名", "value": [{"label": "変更前", "value": ""}, {"label": "変更後", "value": "総務部"}]},
        ],
    }
]
UNKNOWN = {"flag": True, "list": ["a", 2, {"x": False}], "none": None, "empty": [], "name": "値"}


def listed(payload: dict[str, Any], language: str = "ja", kind: str = "change") -> list[Line]:
    request = {"type": kind, "action": "a", "aud": "https://p.example", "nonce": "n" * 43, "payload": payload}
    return lines(statement.compose(request, "https://p.example", b"certificate", NOW), language)


@pytest.mark.parametrize(
    ("language", "company", "contractor"),
    [("ja", "企業ID", "業者番号"), ("en", "Company ID (企業ID)", "Contractor no. (業者番号)")],
)
def test_sections_stand_by_their_labels_and_numbers_by_their_names(
    language: str, company: str, contractor: str
) -> None:
    shown = listed({"companyId": "3520300000000001", "contractor": "000000101", "sections": SECTIONS}, language)
    assert shown[:-5] == [
        Line(0, company, "3520300000000001"),
        Line(0, contractor, "000000101"),
        Line(0, "企業情報", None),
        Line(1, "企業名称", "北東組株式会社"),
        Line(1, "部署名", None),
        Line(2, "変更前", ""),
        Line(2, "変更後", "総務部"),
    ]


@pytest.mark.parametrize(
    ("language", "heading", "kind"),
    [("ja", "署名に含まれるその他の項目", "変更 (change)"), ("en", "Also part of the signature", "change (change)")],
)
def test_what_else_is_signed_stands_at_the_end(language: str, heading: str, kind: str) -> None:
    rest = listed({}, language)
    assert rest[0] == Line(0, heading, None)
    assert [line.value for line in rest[1:]] == [kind, "https://p.example", "2026/11/24 10:02:03", "n" * 43]


def test_a_kind_without_a_name_stands_as_it_is() -> None:
    assert listed({}, kind="bid-2")[1].value == "bid-2"


@pytest.mark.parametrize(("language", "yes", "no"), [("ja", "はい", "いいえ"), ("en", "yes", "no")])
def test_an_unknown_payload_is_shown_key_by_key(language: str, yes: str, no: str) -> None:
    assert listed(UNKNOWN, language)[:-5] == [
        Line(0, "empty", "―"),
        Line(0, "flag", yes),
        Line(0, "list", None),
        Line(1, "1.", "a"),
        Line(1, "2.", "2"),
        Line(1, "3.", None),
        Line(2, "x", no),
        Line(0, "name", "値"),
        Line(0, "none", "―"),
    ]


@pytest.mark.parametrize("sections", ["text", [], [1], [{"label": "a"}], [{"label": "a", "value": 1, "more": 2}], {}])
def test_sections_of_another_shape_keep_their_key(sections: Any) -> None:
    assert listed({"sections": sections})[0].label == "sections"


VALUES = st.recursive(
    st.text("ab北\u202e\n ", max_size=5) | st.integers(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1), inner, max_size=3),
    max_leaves=12,
)


def texts(value: Any) -> list[str]:
    match value:
        case dict():
            return [text for each in value.values() for text in texts(each)]
        case list():
            return [text for each in value for text in texts(each)]
    return [str(value)]


@given(st.dictionaries(st.sampled_from(["sections", "contractor", "a", "b"]), VALUES, max_size=4))
def test_no_value_is_left_out_and_none_is_added(payload: dict[str, Any]) -> None:
    shown = [line.value for line in listed(payload)[:-5] if line.value not in (None, "―")]
    assert sorted(map(str, shown)) == sorted(texts(payload))
