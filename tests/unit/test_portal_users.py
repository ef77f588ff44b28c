"""ユーザID and パスワード of 入札情報公開システム: checked against the agency's or new, and kept as a hash alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.qualification import reading
from portal.qualification.reading import HEADER, USERS, ImportFault
from portal.refusals import Invalid, Problem, Refused, SearchLimited
from portal.search.passwords import Passwords
from portal.search.settings import Numbers, SearchRules, User
from portal.search.users import hashed
from portal.store import Session, State, accounts
from portal.store.accounts import Account
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, world

PASSWORD = "Geheim12345"
GIVEN = {**SEARCH, "user_id": "ID123123", "password": PASSWORD}
OPTIONAL, REQUIRED = SearchRules(user=User.OPTIONAL), SearchRules(user=User.REQUIRED)
PHC = "$argon2id$v=19$m=65536,t=3,p=4$"  # RFC 9106 §4, second recommended option


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


def csv(*lines: str) -> bytes:
    return "\n".join([",".join(HEADER + USERS), *lines]).encode()


async def publish(made: World, user_id: str = "ID123123", password: str = PASSWORD) -> None:
    """The agency brings its users in with the qualification data."""
    imported = reading.parse(csv(f"000000101,北東組株式会社,123-0000,北東市,日立 二郎,社長,{user_id},{password}"))
    await made.store.import_contractors(imported.rows, await hashed(imported.users, Passwords()))


async def problem(made: World, session: Session, **typed: str) -> Problem:
    with pytest.raises(Invalid) as caught:
        await made.portal.search.find(session, {**GIVEN, **typed})
    (found,) = caught.value.problems
    return found


async def of_company(made: World, company_id: str) -> tuple[str, str]:
    query = "SELECT user_id, password FROM companies WHERE company_id = ?"
    row = await made.store.read(lambda db: db.execute(query, (company_id,)).fetchone())
    return str(row[0]), str(row[1])


async def register(made: World, card: pki.Card | None = None) -> str:
    session = await made.login(card)
    await made.portal.search.find(session, GIVEN)
    await made.portal.drafts.save_form(session, FORM)
    request = await made.portal.registrar.begin(session)
    return (await made.portal.registrar.finish(session, made.signed(request, card))).company_id


async def test_a_hash_has_the_recommended_parameters_and_its_own_salt() -> None:
    passwords = Passwords()
    one, other = await passwords.derive(PASSWORD), await passwords.derive(PASSWORD)
    assert one.startswith(PHC)
    assert one != other
    assert PASSWORD not in one
    assert await passwords.matches(PASSWORD, one)
    assert not await passwords.matches(PASSWORD.lower(), one)
    assert not await passwords.matches(PASSWORD, None)
    assert await Passwords(bytes).derive(PASSWORD) == await Passwords(bytes).derive(PASSWORD)  # a salt of zeros


async def test_hashing_leaves_the_event_loop_free() -> None:
    hashing = asyncio.ensure_future(Passwords().derive(PASSWORD))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 3


@pytest.mark.parametrize(
    ("rules", "typed", "field", "message"),
    [
        (SearchRules(), {}, "user_id", "ユーザIDは空欄としてください。"),
        (OPTIONAL, {"password": ""}, "password", "ユーザIDを入力したときは、パスワードも"),
        (OPTIONAL, {"user_id": ""}, "user_id", "パスワードを入力したときは、ユーザIDも"),
        (REQUIRED, {"password": ""}, "password", "パスワードを入力してください。"),
        (REQUIRED, {"user_id": ""}, "user_id", "ユーザIDを入力してください。"),
        (REQUIRED, {"password": "ｇｅｈｅｉｍ"}, "password", "パスワードは半角英数字で入力してください。"),
        (REQUIRED, {"password": "1" * 21}, "password", "パスワードは20文字以内です"),
        (REQUIRED, {"user_id": "ＩＤ１２３"}, "user_id", "ユーザIDは半角英数字で入力してください。"),
    ],
)
async def test_what_may_be_typed_is_the_agencys(
    made: World, rules: SearchRules, typed: dict[str, str], field: str, message: str
) -> None:
    made.configure(search=rules)
    session = await made.login()
    with pytest.raises(Invalid) as caught:
        await made.portal.search.find(session, {**GIVEN, **typed})
    found = caught.value.problems[0]
    assert found.field == field
    assert found.message.startswith(message)
    if field == "password":
        assert found.suggestion is None  # nothing of a password is ever shown


async def test_without_users_of_the_agency_what_is_given_becomes_the_companys(made: World) -> None:
    made.configure(search=REQUIRED)
    user_id, kept = await of_company(made, await register(made))
    assert user_id == "ID123123"
    assert kept.startswith(PHC)
    assert await Passwords().matches(PASSWORD, kept)
    assert await made.count("accounts") == 0
    assert await made.count("searches") == 0  # nothing to be found out, nothing counted


async def test_optional_may_stay_empty(made: World) -> None:
    made.configure(search=OPTIONAL)
    session = await made.login()
    await made.portal.search.find(session, SEARCH)
    await made.portal.drafts.save_form(session, FORM)
    request = await made.portal.registrar.begin(session)
    assert [part["label"] for part in request.payload["sections"]][-1] == "ICカード情報"
    done = await made.portal.registrar.finish(session, made.signed(request))
    assert await of_company(made, done.company_id) == ("", "")


async def test_users_of_the_agency_are_what_counts(made: World) -> None:
    made.configure(search=OPTIONAL)
    await publish(made)
    session = await made.login()
    other_id, other_password = (
        await problem(made, session, user_id="ID999999"),
        await problem(made, session, password="111111"),
    )
    assert other_id.field == "user_id"
    assert other_id.message.startswith("ユーザパスワード情報に登録されているユーザIDを入力してください。")
    assert other_password.field == "password"
    assert other_password.message.startswith("ユーザパスワード情報に登録されているパスワードを入力してください。")
    absent = await problem(made, session, number="000000102", name="株式会社A建設")
    assert absent.field == "user_id"
    assert absent.message.startswith("ユーザパスワード情報が登録されていません。")
    user_id, kept = await of_company(made, await register(made))
    assert user_id == "ID123123"
    known = await made.store.read(lambda db: accounts.published(db, "000000101"))
    assert known == Account(user_id, kept)


async def test_passwords_cannot_be_tried_out(made: World) -> None:
    made.configure(search=REQUIRED)
    await publish(made)
    session = await made.login()
    for number in range(5):
        found = await problem(made, session, password=f"try{number}")
        assert (f"あと{4 - number}回" in found.message) is (number < 4)
    with pytest.raises(SearchLimited):
        await made.portal.search.find(session, GIVEN)
    made.wait(minutes=60)
    await made.portal.search.find(await made.login(), GIVEN)


async def test_where_numbers_are_secret_a_wrong_password_says_no_more_than_a_wrong_number(made: World) -> None:
    made.configure(search=SearchRules(numbers=Numbers.SECRET, user=User.REQUIRED))
    await publish(made)
    answers = []
    for serial, typed in enumerate(
        ({"password": "111111"}, {"user_id": "ID999999"}, {"name": "別の株式会社"}, {"number": "999999999"}), 201
    ):
        session = await made.login(made.authority.issue(serial))
        with pytest.raises(Invalid) as caught:
            await made.portal.search.find(session, {**GIVEN, **typed})
        answers.append(caught.value.problems)
    assert len(set(answers)) == 1
    assert [found.field for found in answers[0]] == ["number", "name", "user_id", "password"]


async def test_a_password_given_before_need_not_be_typed_again(made: World) -> None:
    made.configure(search=REQUIRED)
    session = await made.login()
    assert not await made.portal.search.password_kept(session)
    await made.portal.search.find(session, GIVEN)
    await made.restart()
    session = await made.login()
    assert await made.portal.search.password_kept(session)
    await made.portal.search.find(session, {**GIVEN, "password": ""})
    assert (await made.portal.drafts.form(session)).user_id == "ID123123"
    assert (await problem(made, session, user_id="ID999999", password="")).field == "password"
    other = {"number": "000000102", "name": "株式会社A建設", "password": ""}
    assert (await problem(made, session, **other)).field == "password"


async def test_what_was_signed_is_what_is_stored(made: World) -> None:
    """Another tab gives another ユーザID between the signature's request and its arrival: nobody signed that."""
    made.configure(search=REQUIRED)
    session = await made.login()
    await made.portal.search.find(session, GIVEN)
    await made.portal.drafts.save_form(session, FORM)
    request = await made.portal.registrar.begin(session)
    await made.portal.search.find(session, {**GIVEN, "user_id": "ID999999"})
    with pytest.raises(Refused) as caught:
        await made.portal.registrar.finish(session, made.signed(request))
    assert caught.value.code == "content_changed"
    assert await made.count("registrations") == 0


async def test_what_waits_is_the_companys_only_once_it_is_accepted(made: World) -> None:
    made.configure(search=REQUIRED)
    company_id = await register(made)
    first = await of_company(made, company_id)
    card = made.authority.issue(122)
    session = await made.login(card)
    await made.portal.search.find(session, {**GIVEN, "user_id": "ID999999"})
    await made.portal.drafts.save_form(session, FORM)
    request = await made.portal.registrar.begin(session)
    second = await made.portal.registrar.finish(session, made.signed(request, card))
    assert (second.company_id, second.state) == (company_id, State.PROVISIONAL)
    assert await of_company(made, company_id) == first
    await made.store.write(lambda db: accounts.put_in_force(db, second.owner, company_id))
    assert (await of_company(made, company_id))[0] == "ID999999"
    assert await made.count("accounts") == 0


async def test_a_form_begun_before_the_agency_asked_leads_back_to_the_search(made: World) -> None:
    session = await made.login()
    await made.portal.search.find(session, SEARCH)
    made.configure(search=REQUIRED)
    with pytest.raises(Refused) as caught:
        await made.portal.drafts.form(session)
    assert caught.value.code == "search_required"


async def test_a_user_given_before_the_agency_wanted_none_is_forgotten(made: World) -> None:
    made.configure(search=REQUIRED)
    session = await made.login()
    await made.portal.search.find(session, GIVEN)
    await made.portal.drafts.save_form(session, FORM)
    made.configure(search=SearchRules())
    request = await made.portal.registrar.begin(session)
    done = await made.portal.registrar.finish(session, made.signed(request))
    assert await of_company(made, done.company_id) == ("", "")
    assert await made.count("accounts") == 0


def test_a_file_with_users_is_read_and_clear_text_has_no_printable_form() -> None:
    imported = reading.parse(csv("000000101,a,,,,,ID1,pw1", "000000102,b,,,,,,"))
    assert [row.number for row in imported.rows] == ["000000101", "000000102"]
    user = imported.users["000000101"]
    assert user is not None
    assert (user.user_id, user.password) == ("ID1", "pw1")
    assert imported.users["000000102"] is None
    assert "pw1" not in repr(imported)


@pytest.mark.parametrize("user", ["ID1,", ",geheim", "ID1,ge heim", "ID1," + "g" * 21, "ＩＤ,geheim"])
def test_a_bad_user_is_named_by_its_line_and_not_by_its_password(user: str) -> None:
    with pytest.raises(ImportFault) as caught:
        reading.parse(csv(f"000000101,a,,,,,{user}"))
    assert caught.value.faults == [
        "2行目: ユーザIDとパスワードは、どちらも半角英数字20文字以下とするか、どちらも空欄としてください。"
    ]


async def test_importing_again_replaces_takes_away_or_leaves(made: World) -> None:
    async def known() -> Account | None:
        return await made.store.read(lambda db: accounts.published(db, "000000101"))

    await publish(made)
    await publish(made, "ID2")
    replaced = await known()
    assert replaced is not None
    assert replaced.user_id == "ID2"
    await made.store.import_contractors(reading.samples())  # a file without these columns
    assert await known() == replaced
    await publish(made, "", "")
    assert await known() is None
