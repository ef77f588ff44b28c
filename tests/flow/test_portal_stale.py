"""Pages whose visit is over because the card was checked again, or whose visit ended by itself, in another tab."""

from __future__ import annotations

import pytest

from portal.registration.purposes import Purpose
from portal.web.session import COOKIE
from tests.flow.portal_site import Page, Visitor, visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH

MENU = 'href="/registration/menu"'
TYPED = {**FORM, "company_department": "経理部"}


async def stale(person: Visitor, card: pki.Card | None = None, purpose: Purpose = Purpose.REGISTRATION) -> str:
    """The token of a form's tab, after another tab of this browser has logged in anew."""
    await person.login(purpose=purpose)
    await person.submit("/registration/search", SEARCH)
    token = person.token
    await person.login(card, purpose)
    assert person.token != token
    return token


async def kept(person: Visitor) -> str:
    return (await person.get("/registration/form")).value("company_department")


async def send(person: Visitor, token: str, path: str = "/registration/form", **typed: str) -> Page:
    return await person.submit(path, {**TYPED, "step": "confirm", **typed, "csrf": token})


async def test_what_was_typed_in_a_tab_is_kept_when_another_tab_logs_in(person: Visitor) -> None:
    token = await stale(person)
    page = await send(person, token)
    assert (page.status, page.title) == (403, "ICカードの確認がやり直されています")
    assert MENU in page.html
    assert "入力した内容は保存しました。" in page.text
    assert await kept(person) == "経理部"


async def test_what_the_page_script_sends_meanwhile_is_kept_too(person: Visitor) -> None:
    token = await stale(person)
    page = await person.submit("/api/registration/keep", {"contact_person": "日立 次", "csrf": token})
    assert page.status == 403
    assert (await person.get("/registration/form")).value("contact_person") == "日立 次"


async def test_a_search_too_but_for_its_password(person: Visitor) -> None:
    token = await stale(person)
    await send(person, token, "/registration/search", number="000000102", name="とちゅう", password="himitsu")
    search = await person.get("/registration/search")
    assert (search.value("number"), search.value("name"), search.value("password")) == ("000000102", "とちゅう", "")


async def test_a_change_too(person: Visitor) -> None:
    await person.made.register()
    token = await stale(person, purpose=Purpose.CHANGE)
    await send(person, token, "/change", contact_person="窓口 一郎")
    assert (await person.get("/change")).value("contact_person") == "窓口 一郎"


async def test_it_is_the_earlier_cards_and_not_the_one_that_logged_in_since(person: Visitor) -> None:
    other = person.made.authority.issue(122)
    token = await stale(person, other)
    await send(person, token)
    assert await person.made.count("drafts") == 1
    await person.login()
    assert await kept(person) == "経理部"


async def test_two_logins_later_still(person: Visitor) -> None:
    token = await stale(person)
    await person.login()
    await send(person, token)
    assert await kept(person) == "経理部"


async def test_when_the_newer_visit_has_ended_as_well(person: Visitor) -> None:
    token = await stale(person)
    person.made.wait(minutes=61)
    assert (await send(person, token)).title == "接続の時間が過ぎました"
    await person.login()
    assert await kept(person) == "経理部"


async def test_a_stale_page_does_nothing_else(person: Visitor) -> None:
    token = await stale(person)
    await person.submit("/registration/search", SEARCH)
    confirm = await person.submit("/registration/form", {**FORM, "step": "confirm"})
    for path, body in {
        "/api/registration/begin": {"shown": confirm.data("shown")},
        "/api/login/registration/begin": {"division": ""},
        "/api/visit": {},
    }.items():
        status, problem = await person.call(path, body, **{"X-CSRF-Token": token})
        assert (status, problem["code"]) == (403, "login_renewed")


async def test_a_statement_of_the_earlier_visit_is_no_longer_taken(person: Visitor) -> None:
    confirm = await person.fill()
    cms = person.made.signed(await person.statement(confirm))
    await person.login()
    status, problem = await person.finish("registration", cms)
    assert (status, problem["code"]) == (409, "nonce_unknown")
    assert await person.made.count("registrations") == 0


@pytest.mark.parametrize("case", ["a stranger's", "after 終了", "after a day", "of the visit before any login"])
async def test_a_token_that_keeps_nothing(person: Visitor, case: str) -> None:
    await person.get("/registration/menu")
    early = person.token
    token = await stale(person)
    title = "画面が古くなっています"
    match case:
        case "a stranger's":
            async with visitor(person.made) as stranger:
                await stranger.login(person.made.authority.issue(122))
                assert (await send(stranger, token)).title == title
        case "after 終了":
            await person.submit("/registration/end", {})
            await person.login()
            assert (await send(person, token)).title == title
        case "after a day":
            for _ in range(26):
                person.made.wait(minutes=59)
                await person.get("/registration/search")
            assert (await send(person, token)).title == title
        case _:
            assert (await send(person, early)).title == title
    assert await kept(person) == ""


async def test_the_end_button_ends_also_what_has_ended(person: Visitor) -> None:
    await person.login()
    person.made.wait(minutes=61)
    page = await person.submit("/registration/end", {})
    assert (page.status, page.url, page.title) == (200, "/ended", "終了しました")
    assert await person.made.count("sessions") == 0
    assert not [each for each in person.client.session.cookie_jar if each.key == COOKIE]


async def test_the_end_button_again_says_the_same(person: Visitor) -> None:
    await person.login()
    for _ in range(2):
        assert (await person.submit("/registration/end", {})).url == "/ended"


async def test_the_end_button_of_a_stale_page_ends_the_newer_login_too(person: Visitor) -> None:
    token = await stale(person)
    assert (await person.submit("/registration/end", {"csrf": token})).url == "/ended"
    assert await person.made.count("sessions") == 0
    assert (await person.get("/registration/search")).status == 403
