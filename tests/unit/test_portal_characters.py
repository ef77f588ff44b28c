"""Which characters may stand in a value, against the character set itself; what is said of the others and offered."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.form import characters, variants
from tests.unit.portal_pki import UNHURRIED

_VENDOR_ROWS = {13, *range(89, 93), *range(115, 120)}  # NEC's and IBM's, which cp932 adds to JIS X 0208
_ROMAN = {chr(code) for code in range(0x20, 0x7F)} | {"¥", "‾"}  # JIS X 0201 gives 5C and 7E these shapes


def _jis_x_0208(encoding: str, octets: Iterator[bytes]) -> set[str]:
    found = set()
    for pair in octets:
        try:
            found.add(pair.decode(encoding))
        except UnicodeDecodeError:
            continue
    return found


def _euc() -> Iterator[bytes]:
    return (bytes((0xA0 + row, 0xA0 + cell)) for row in range(1, 95) for cell in range(1, 95))


def _shift_jis() -> Iterator[bytes]:
    for row in (row for row in range(1, 95) if row not in _VENDOR_ROWS):
        lead = (row - 1) // 2 + (0x81 if row < 63 else 0xC1)
        for cell in range(1, 95):
            trail = cell + (0x9E if row % 2 == 0 else 0x3F + (cell > 63))
            yield bytes((lead, trail))


def test_allowed_is_jis_x_0208_in_either_mapping_and_half_width_roman_and_nothing_else() -> None:
    jis, windows = _jis_x_0208("euc_jp", _euc()), _jis_x_0208("cp932", _shift_jis())
    assert len(jis) == len(windows) == 6879
    assert windows - jis == set("－～∥￠￡￢")
    everything = {chr(code) for code in range(0x110000)} - {chr(code) for code in range(0xD800, 0xE000)}
    accepted = {character for character in everything if not characters.outside(character)}
    assert accepted == jis | windows | _ROMAN | {"—"}  # U+2014: what several mappings make of 0x213D


@pytest.mark.parametrize("typed", ["a-b. c－d～e∥f￠￡￢—g", "北東市中央町２丁目３番４号", "〜‖−¢£¬―", "¥100"])
def test_forms_that_windows_types_are_folded_for_jis_and_kept_as_typed(typed: str) -> None:
    assert characters.outside(typed) == ""
    assert characters.fault("text", typed) is None


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("㈱北東組", "株式会社北東組"),
        ("㈲㈾㈴", "有限会社合資会社合名会社"),
        ("①⑳❶⓪", "12010"),
        ("ﾃｽﾄ", "テスト"),
        ("ｶﾞｽ･ﾊﾟｲﾌﾟ", "ガス・パイプ"),
        ("か\u3099す", "がす"),
        ("髙橋﨑德", "高橋崎徳"),
        ("𠮷野家", "吉野家"),
        ("\ufa19社・\ufa10本・\ufa1b井", "神社・塚本・福井"),
        ("葛\U000e0100城", "葛城"),
        ("2–3‑4", "2－3－4"),
        ("Ⅲ課№5㎡", "III課No5m2"),
        ("㍿㌔㍉", "株式会社キロミリ"),
        ("Café\u00a0é", "Cafe e"),
        ("営業\u202e部\u200b\t", "営業部"),
        ("一行\u2028二行", "一行二行"),
    ],
)
def test_what_is_offered_for_what_is_outside(typed: str, offered: str) -> None:
    found = characters.fault("text", typed)
    assert found is not None
    assert found.suggestion == offered


@pytest.mark.parametrize("typed", ["第一課😀", "彅", "😀", "\u200b", "𠀋"])
def test_where_nothing_is_certain_nothing_is_offered(typed: str) -> None:
    found = characters.fault("text", typed)
    assert found is not None
    assert found.suggestion is None


def test_the_message_shows_each_offending_character_once() -> None:
    found = characters.fault("text", "①髙①\u200b葛\U000e0100①")
    assert found is not None
    assert found.message.startswith("に指定可能な文字以外(「①」、「髙」、目に見えない文字)があります。")


def test_every_variant_is_outside_and_what_it_becomes_is_inside() -> None:
    for character, offered in variants.INSIDE.items():
        assert characters.outside(character) == character
        assert characters.outside(offered) == ""
        assert unicodedata.normalize("NFC", character) == character  # else Unicode's own form goes before ours


@UNHURRIED
@given(st.sampled_from(["text", "code", "phone", "postal", "mail"]), st.text(min_size=1, max_size=30))
def test_what_is_offered_would_be_accepted(kind: str, typed: str) -> None:
    found = characters.fault(kind, typed)
    if found is not None and found.suggestion is not None:
        assert found.suggestion != typed
        assert characters.fault(kind, found.suggestion) is None


@UNHURRIED
@given(st.text(max_size=20))
def test_accepted_text_can_be_written_in_jis(typed: str) -> None:
    if not characters.outside(typed):
        folded = typed.translate(str.maketrans("－～∥￠￡￢—", "−〜‖¢£¬―"))
        assert folded.encode("iso2022_jp").decode("iso2022_jp") == folded


@UNHURRIED
@given(st.text(st.sampled_from("①㈱髙ﾃﾞ北東A \u200b"), min_size=1, max_size=12))
def test_allowed_characters_stay_as_they_were_typed(typed: str) -> None:
    found = characters.fault("text", typed)
    if found is not None and found.suggestion is not None:
        kept = [character for character in typed if character in "北東A"]
        assert [character for character in found.suggestion if character in "北東A"] == kept
