"""資格審査情報検索 by the agency's rules: what a 業者番号 looks like, who knows it, how often may be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.form import fields
from portal.qualification import reading
from portal.qualification.reading import ImportFault
from portal.refusals import Invalid, Problem, SearchLimited
from portal.registration import names
from portal.search import screen
from portal.search.settings import NumberFormat, Numbers, SearchRules
from portal.settings import SettingsError, parse_settings
from portal.store import Session
from tests.unit.portal_pki import UNHURRIED
from tests.unit.portal_world import SEARCH, World, world


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def problems(made: World, session: Session, **typed: str) -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as caught:
        await made.portal.search.find(session, {**SEARCH, **typed})
    return caught.value.problems


@pytest.mark.parametrize(
    ("number", "typed", "message", "offered"),
    [
        (NumberFormat.ALPHANUMERIC_9, "A0000010", "9文字で入力してください(入力は8文字)", None),
        (NumberFormat.ALPHANUMERIC_9, "Ａ００００００１０", "半角英数字", "A00000010"),
        (NumberFormat.ALPHANUMERIC_9, "000-000 101", "半角英数字", "000000101"),
        (NumberFormat.ALPHANUMERIC_9, "１２３", "半角英数字", None),
        (NumberFormat.DIGITS_9_PADDED, "101", "9文字で入力してください(入力は3文字)", "000000101"),
        (NumberFormat.DIGITS_9_PADDED, "１０１", "半角数字", "000000101"),
        (NumberFormat.DIGITS_9_PADDED, "1234567890", "入力は10文字", None),
        (NumberFormat.DIGITS_9_PADDED, "A00000010", "半角数字", None),
        (NumberFormat.DIGITS_10, "１２３４５６７８９０", "半角数字", "1234567890"),
        (NumberFormat.DIGITS_10, "123456789", "10文字で入力してください", None),
    ],
)
def test_what_a_number_looks_like_is_the_agencys(
    number: NumberFormat, typed: str, message: str, offered: str | None
) -> None:
    searched = screen.search_fields(SearchRules(number=number))
    (found,) = fields.check({**SEARCH, "number": typed}, searched)
    assert (found.field, found.suggestion) == ("number", offered)
    assert message in found.message


@UNHURRIED
@given(st.sampled_from(NumberFormat), st.text(st.sampled_from("0123456789０１２ABａ-ー 髙"), max_size=14))
def test_an_offered_number_is_good_at_once(number: NumberFormat, typed: str) -> None:
    searched = screen.search_fields(SearchRules(number=number))
    for found in fields.check({**SEARCH, "number": typed}, searched):
        if found.field == "number" and found.suggestion is not None:
            assert fields.check({**SEARCH, "number": found.suggestion}, searched) == ()


@pytest.mark.parametrize(
    ("number", "good", "bad"),
    [
        (NumberFormat.ALPHANUMERIC_9, "A00000101", "A0000010"),
        (NumberFormat.DIGITS_9_PADDED, "000000101", "A00000101"),
        (NumberFormat.DIGITS_10, "0000000101", "000000101"),
    ],
)
def test_qualification_data_have_the_same_numbers(number: NumberFormat, good: str, bad: str) -> None:
    header = ",".join(reading.HEADER)
    (row,) = reading.parse(f"{header}\n{good},a,,,,".encode(), number).rows
    assert row.number == good
    with pytest.raises(ImportFault, match="2行目: 業者番号は半角"):
        reading.parse(f"{header}\n{bad},a,,,,".encode(), number)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("(株)A建設", "株式会社A建設"),
        ("（株）Ａ建設", "株式会社Ａ建設"),
        ("B建設(有) ○○支店", "B建設有限会社○○支店"),
        ("株式会社　A建設", "株式会社A建設"),
        ("株式会社A建設", "株式会社A建設"),
        ("(仮)組合", "(仮)組合"),
    ],
)
def test_names_are_written_out_as_the_procedure_asks(typed: str, written: str) -> None:
    assert names.written_out(typed) == written


SECRET = SearchRules(numbers=Numbers.SECRET)


async def test_a_secret_number_is_neither_confirmed_nor_denied(made: World) -> None:
    made.configure(search=SECRET)
    session = await made.login()
    wrong_name = await problems(made, session, name="別の株式会社")
    unknown = await problems(made, await made.login(made.authority.issue(122)), number="999999999", name="別の株式会社")
    assert [problem.field for problem in unknown] == ["number", "name"]
    assert wrong_name == unknown


async def test_a_secret_search_offers_only_what_comes_from_the_typing(made: World) -> None:
    made.configure(search=SECRET)
    session = await made.login()
    _, name = await problems(made, session, name="(株)北東組")
    assert name.suggestion == "株式会社北東組"
    _, name = await problems(made, session, name="北東組株式会社２")
    assert name.suggestion is None
    _, name = await problems(made, session, name="(株)" + "あ" * 37)  # 41 characters written out
    assert name.suggestion is None


async def test_searches_that_find_nothing_are_counted_and_stop_for_a_while(made: World) -> None:
    made.configure(search=SECRET)
    session = await made.login()
    for left in (4, 3, 2, 1):
        number, _ = await problems(made, session, number="999999999")
        assert f"あと{left}回検索できます。" in number.message
        made.wait(minutes=1)
    number, _ = await problems(made, session, number="999999999")
    assert "しばらく時間をおいて" in number.message
    with pytest.raises(SearchLimited) as caught:
        await made.portal.search.find(session, SEARCH)
    made.wait(minutes=55, seconds=59)
    with pytest.raises(SearchLimited):
        await made.portal.search.find(session, SEARCH)
    made.wait(seconds=1)
    assert made.time == caught.value.until
    assert (await made.portal.search.find(await made.login(), SEARCH)).name == "北東組株式会社"


async def test_a_clock_that_was_put_back_locks_nobody_out(made: World) -> None:
    """What was counted by a clock that was a day ahead would count for a day and an hour."""
    made.configure(search=SECRET)
    made.wait(days=1)
    session = await made.login()
    for _ in range(5):
        await problems(made, session, number="999999999")
    made.wait(days=-1)
    assert (await made.portal.search.find(session, SEARCH)).name == "北東組株式会社"


async def test_a_limit_survives_a_restart_and_another_visit_and_holds_for_this_card_alone(made: World) -> None:
    made.configure(search=SECRET)
    session = await made.login()
    for _ in range(5):
        await problems(made, session, number="999999999")
    await made.restart()
    with pytest.raises(SearchLimited):
        await made.portal.search.find(await made.login(), SEARCH)
    await made.portal.search.find(await made.login(made.authority.issue(122)), SEARCH)


async def test_a_search_that_finds_something_does_not_count(made: World) -> None:
    made.configure(search=SECRET)
    session = await made.login()
    for _ in range(6):
        await made.portal.search.find(session, SEARCH)
    number, _ = await problems(made, session, number="999999999")
    assert "あと4回" in number.message
    await made.portal.search.find(session, SEARCH)
    number, _ = await problems(made, session, number="999999999")
    assert "あと3回" in number.message


async def test_published_numbers_are_not_counted(made: World) -> None:
    session = await made.login()
    for _ in range(20):
        (number,) = await problems(made, session, number="999999999")
    assert number.message.startswith("この業者番号は資格審査情報にありません。山口市から通知された")
    assert await made.count("searches") == 0


@pytest.mark.parametrize("key", ["attempts", "attempt_minutes"])
def test_rules_that_cannot_be(key: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"search\.{key}: expected 1 or more"):
        parse_settings({"search": {key: 0}}, tmp_path)
