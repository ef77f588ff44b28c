"""Registration by 区分 over HTTP: chosen on the selection screen, it stands wherever it matters."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.registration.purposes import Purpose
from portal.registration.rules import Scope
from portal.renewal.settings import ExpiredCard, RenewalSettings
from tests.flow.portal_site import Page, Visitor, visitor
from tests.flow.renewal_steps import encoded, hand_over
from tests.unit.portal_world import world
from tests.unit.renewal_world import EXPIRED, expire

GOODS = "物品、役務"


@pytest.fixture
async def person(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody in front of a portal that registers by 区分."""
    async with world(tmp_path) as made:
        made.configure(registration=replace(made.portal.settings.registration, scope=Scope.CATEGORY))
        async with visitor(made) as opened:
            yield opened


async def registered(person: Visitor, division: str = "goods") -> Page:
    """The completion page."""
    confirm = await person.fill(division=division)
    status, answer = await person.finish("registration", person.made.signed(await person.statement(confirm)))
    assert status == 200
    return await person.get(answer["next"])


def head(page: Page) -> str:
    """The 区分 at the top of a page, empty where none stands there."""
    return "".join(re.findall(r'<p class="division">区分：(.*?)</p>', page.html))


async def test_the_way_from_the_choice_to_the_menu_carries_the_division(person: Visitor) -> None:
    business = await person.get("/divisions/goods")
    (start,) = re.findall(r'href="(.*?)">利用者登録</a>', business.html)
    (menu,) = re.findall(r'data-href="(.*?)"', (await person.get(start)).html)
    page = await person.get(menu)
    assert (page.title, page.data("division"), head(page)) == ("利用者登録メニュー", "goods", GOODS)
    assert "区分「 物品、役務 」の手続です。登録は区分ごとに行います。" in page.text
    assert 'href="/registration?division=goods">戻る</a>' in page.html


async def test_every_page_from_the_menu_on_names_the_division(person: Visitor) -> None:
    assert head(await person.login(division="goods")) == GOODS
    confirm = await person.fill(division="goods")
    complete = await registered(person)
    sheet, inquiry = await person.get("/registration/sheet"), await person.get("/inquiry")
    assert [head(page) for page in (confirm, complete, sheet, inquiry)] == [GOODS] * 4
    assert "登録区分 区分 物品、役務 企業情報" in confirm.text
    assert "登録区分：物品、役務 企業IDは 9991000000000001 です。" in complete.text
    assert "利用者情報 （区分：物品、役務） 企業ID 9991000000000001 企業情報" in sheet.text
    assert "登録区分 物品、役務 企業ID 9991000000000001" in inquiry.text


async def test_a_registered_card_is_free_in_another_division(person: Visitor) -> None:
    await registered(person)
    assert (await person.login(division="goods")).title == "登録済みのICカードです"
    complete = await registered(person, "small")
    assert "登録区分：少額物品、少額役務 企業IDは 9991000000000002 です。" in complete.text


async def test_the_menu_of_another_division_asks_for_another_login(person: Visitor) -> None:
    await person.login(division="goods")
    here, there = await person.get("/registration/menu"), await person.get("/registration/menu?division=works")
    assert "ICカードの確認は済んでいます" in here.text
    assert (here.data("division"), there.data("division")) == ("goods", "works")
    assert "ICカードの確認は済んでいます" not in there.text
    assert head(there) == "工事、コンサル"
    assert (await person.get("/registration/search")).status == 200  # and the login that there was goes on


@pytest.mark.parametrize("query", ["", "?division=other", "?division="])
async def test_without_a_division_the_menu_leads_to_the_choice(person: Visitor, query: str) -> None:
    assert (await person.get(f"/registration/menu{query}")).url == "/divisions"


@pytest.mark.parametrize("division", ["", "other"])
async def test_without_a_division_no_login(person: Visitor, division: str) -> None:
    await person.get("/registration/menu?division=works")
    status, problem = await person.call("/api/login/registration/begin", {"division": division})
    assert (status, problem["code"]) == (409, "division_required")
    assert problem["next"] == {"href": "/divisions", "label": "区分の選択へ進む"}


async def test_a_visit_that_lapsed_is_still_known_by_its_division(person: Visitor) -> None:
    await person.login(division="goods")
    person.made.wait(minutes=61)
    page = await person.get("/registration/menu")
    assert (page.title, page.data("division")) == ("利用者登録メニュー", "goods")


async def test_a_renewal_says_for_which_division_and_what_is_left_to_do(person: Visitor) -> None:
    await registered(person)
    await person.login(purpose=Purpose.RENEWAL, division="goods")
    page = await person.submit("/renewal/handover", {"new": ""})
    assert "引継ぎ 調達機関 山口市 区分 物品、役務" in page.text


async def test_an_expired_cards_pages_carry_the_division_without_a_login(person: Visitor) -> None:
    person.made.configure(renewal=RenewalSettings(expired_old_card=ExpiredCard.ACCEPT))
    async with visitor(person.made) as other:
        await other.get("/registration/menu?division=works")
        page = await other.get("/renewal/expired?division=works")
        assert page.value("division") == "works"
        assert (await other.get("/renewal/expired")).url == "/divisions"


async def test_an_expired_card_hands_over_for_a_division_or_not_at_all(person: Visitor) -> None:
    """The one way in without a login: the page hands the 区分 in."""
    person.made.configure(renewal=RenewalSettings(expired_old_card=ExpiredCard.ACCEPT))
    person.made.card = person.made.authority.issue(until=EXPIRED)
    await person.made.register(category="works")
    expire(person.made)
    async with visitor(person.made) as other:
        await other.get("/registration/menu?division=works")
        given = {"old": encoded(person.made.card), "new": ""}
        page = await other.submit("/renewal/handover", {**given, "division": "works"})
        assert "引継ぎ 調達機関 山口市 区分 工事、コンサル" in page.text
        assert page.data("division") == "works"
        assert (await hand_over(other, page))[0] == 200
        page = await other.submit("/renewal/handover", {**given, "division": ""})
        assert (page.status, page.title) == (409, "区分が選ばれていません")
        page = await other.submit("/renewal/handover", {**given, "division": "goods"})
        assert (await hand_over(other, page))[1]["code"] == "not_registered"


async def test_where_one_registration_is_for_all_nothing_depends_on_the_division(person: Visitor) -> None:
    person.made.configure(registration=replace(person.made.portal.settings.registration, scope=Scope.AGENCY))
    async with visitor(person.made) as other:
        assert 'href="/registration">利用者登録</a>' in (await other.get("/divisions/goods")).html
        complete = await registered(other)
        assert head(complete) == ""
        assert "区分" not in complete.text
        assert (await other.login(division="small")).title == "登録済みのICカードです"
