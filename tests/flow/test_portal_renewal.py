"""ICカード更新 over HTTP: the road, both cards' cookies, and every way off it with its message and its way on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.hours import Hours
from portal.registration.purposes import Purpose
from portal.renewal.settings import ExpiredCard, RenewalSettings
from portal.web import notices
from tests.flow.portal_site import Page, Visitor, visitor
from tests.flow.renewal_steps import accept, announce, encoded, hand_over, successor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import world
from tests.unit.renewal_world import expired_desk


@pytest.fixture
async def person(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody whose card is registered, in front of the menu."""
    async with world(tmp_path) as made:
        await made.register()
        async with visitor(made) as opened:
            yield opened


async def to_exchange(person: Visitor) -> Page:
    """Logged in with the old card, which has handed over: 差し替えてください."""
    page = await person.login(purpose=Purpose.RENEWAL)
    assert page.title == "ICカード更新"
    status, answer = await hand_over(person, await person.submit("/renewal/handover", {"new": ""}))
    assert (status, answer) == (200, {"next": "/renewal/exchange"})
    return await person.get(answer["next"])


async def to_confirmation(person: Visitor, card: pki.Card) -> Page:
    await to_exchange(person)
    status, answer = await announce(person, card)
    assert status == 200
    return await person.get(answer["next"])


# The road


async def test_from_the_menu_to_the_new_cards_sheet(person: Visitor) -> None:
    card = successor(person)
    exchange = await to_exchange(person)
    assert exchange.title == "新しいICカードに差し替えてください"
    assert exchange.data("old") == person.made.card.sha256
    assert "午前10時32分" in exchange.text  # 30 minutes on, in Japan
    status, answer = await announce(person, card)
    assert status == 200
    assert answer == {
        "next": "/renewal/confirm",
        "outlives": True,
        "card": {"organization": "北東組株式会社", "holder": "北東 次郎", "serial": "122", "expiry": "2034/11/20"},
    }
    page = await person.get(answer["next"])
    assert (page.title, page.data("certificate")) == ("新ICカードの確認", card.sha256)
    for text in ("旧ICカード（これまでのカード）", "2032/11/20", "新ICカード（これからのカード）", "2034/11/20"):
        assert text in page.text
    status, answer = await accept(person, page, card)
    assert (status, answer) == (200, {"next": "/renewal/complete", "companyId": "9991000000000001"})
    done = await person.get(answer["next"])
    assert done.title == "ICカードの更新が完了いたしました"
    assert "企業IDは 9991000000000001 のままです。" in done.text
    for text in ("121", "122", "2032/11/20", "2034/11/20", "旧ICカードの取扱い"):
        assert text in done.text
    sheet = await person.get("/registration/sheet")
    assert (sheet.status, sheet.title) == (200, "利用者情報")
    record = await person.get("/inquiry")
    assert record.text.count("ICカード更新") >= 2  # both cards' lines of the history


async def test_the_receipt_is_the_new_cards_acceptance(person: Visitor) -> None:
    card = successor(person)
    page = await to_confirmation(person, card)
    request = await person.begin("renewal/acceptance", {"shown": page.data("shown")})
    cms = person.made.signed(request, card)
    await person.finish("renewal/acceptance", cms)
    async with person.client.get("/registration/receipt") as answer:
        assert await answer.read() == cms


async def test_what_was_begun_before_closing_time_is_finished_after_it(person: Visitor) -> None:
    person.made.configure(hours=Hours())
    person.made.time = datetime(2026, 11, 24, 10, 50, tzinfo=UTC)  # 19:50 in Japan, ten minutes before
    person.made.trust.crl(person.made.authority.crl(until=person.made.time + timedelta(days=1)))
    async with visitor(person.made) as late:
        card = successor(late)
        page = await to_confirmation(late, card)
        late.made.wait(minutes=11)
        assert (await accept(late, page, card))[0] == 200
        assert (await late.get("/renewal/complete")).title == "ICカードの更新が完了いたしました"
        late.made.wait(minutes=15)
        assert (await late.get("/renewal/complete")).title == "ただいまは利用時間外です"


async def test_the_pages_show_the_number_that_the_window_will_show(person: Visitor) -> None:
    card = successor(person)
    await person.login(purpose=Purpose.RENEWAL)
    page = await person.submit("/renewal/handover", {"new": ""})
    body = {name: page.data(name) for name in ("shown", "old", "new", "division")}
    number = (await person.begin("renewal/handover", body)).confirmation
    assert f"{number[:4]} {number[4:]}" in page.text
    await hand_over(person, page)
    await announce(person, card)
    page = await person.get("/renewal/confirm")
    number = (await person.begin("renewal/acceptance", {"shown": page.data("shown")})).confirmation
    assert f"{number[:4]} {number[4:]}" in page.text


async def test_the_old_cards_login_is_over_and_the_new_cards_goes_on(person: Visitor) -> None:
    card = successor(person)
    page = await to_confirmation(person, card)
    before = person.cookie
    await accept(person, page, card)
    assert person.cookie != before
    assert (await person.get("/renewal/complete")).status == 200
    person.cookie = before
    assert (await person.get("/renewal")).title == "ICカードでの確認が必要です"
    assert (await person.get("/registration/sheet")).title == "ICカードでの確認が必要です"
    await person.get("/registration/menu")
    request = await person.begin("login/inquiry", {"division": ""})
    status, problem = await person.finish("login/inquiry", person.made.signed(request))
    assert (status, problem["code"]) == (409, "card_replaced")


async def test_a_lost_answer_is_asked_for_again_and_gives_the_same(person: Visitor) -> None:
    card = successor(person)
    page = await to_confirmation(person, card)
    before, token = person.cookie, person.token
    request = await person.begin("renewal/acceptance", {"shown": page.data("shown")})
    cms = person.made.signed(request, card)
    first = await person.finish("renewal/acceptance", cms)
    person.cookie, person.token = before, token  # the browser never saw that answer
    second = await person.finish("renewal/acceptance", cms)
    assert first == second
    assert (await person.get("/renewal/complete")).title == "ICカードの更新が完了いたしました"


async def test_with_both_cards_in_readers_the_handover_names_the_new_one(person: Visitor) -> None:
    card = successor(person)
    await person.login(purpose=Purpose.RENEWAL)
    page = await person.submit("/renewal/handover", {"new": encoded(card)})
    assert "2034/11/20" in page.text
    assert (await hand_over(person, page))[0] == 200
    status, problem = await announce(person, successor(person, 123))
    assert (status, problem["code"], problem["next"]["href"]) == (409, "new_card_not_named", "/renewal")
    assert (await announce(person, card))[0] == 200


async def test_a_second_card_that_cannot_be_the_new_one_is_told_and_not_named(person: Visitor) -> None:
    colleague = person.made.authority.issue(140, pki.subject(holder="南西 花子"))
    await person.login(purpose=Purpose.RENEWAL)
    page = await person.submit("/renewal/handover", {"new": encoded(colleague)})
    assert "もう一つのリーダーのICカードは引継ぎ先にできません" in page.text
    assert page.data("new") == ""
    assert "南西 花子" not in page.text
    assert (await hand_over(person, page))[0] == 200


async def test_a_new_card_that_ends_no_later_is_warned_of(person: Visitor) -> None:
    card = person.made.authority.issue(141, until=person.made.card.certificate.not_valid_after_utc)
    page = await to_confirmation(person, card)
    assert "新しいICカードの有効期限が、旧ICカードより後ではありません" in page.text
    assert (await accept(person, page, card))[0] == 200


async def test_coming_back_with_the_old_card_takes_the_handover_up(person: Visitor) -> None:
    await to_exchange(person)
    person.made.wait(minutes=1)
    async with visitor(person.made) as again:
        page = await again.login(purpose=Purpose.RENEWAL)
        assert "旧ICカードの引継ぎの署名は済んでいます。" in page.text
        assert (await again.get("/renewal/exchange")).title == "新しいICカードに差し替えてください"
        assert (await announce(again, successor(again)))[0] == 200
        status, problem = await announce(person, successor(person))
        assert (status, problem["code"]) == (409, "handover_elsewhere")


# Off the road

CARDS: dict[str, Callable[[Visitor], pki.Card]] = {
    "new_card_same": lambda person: person.made.card,
    "new_card_other_company": lambda person: person.made.authority.issue(130, pki.subject("無関係株式会社")),
    "new_card_other_holder": lambda person: person.made.authority.issue(131, pki.subject(holder="南西 花子")),
    "certificate_untrusted": lambda _: pki.Authority(pki.ISSUER, pki.rsa_key("another authority")).issue(132),
}


@pytest.mark.parametrize("code", CARDS)
async def test_a_card_that_may_not_be_the_new_one(person: Visitor, code: str) -> None:
    await to_exchange(person)
    status, problem = await announce(person, CARDS[code](person))
    assert (status, problem["code"]) == (notices.status(code), code)
    assert (problem["title"], problem["detail"], problem["help"]) == notices.notice(code)
    assert problem["inquiry"]
    if code.startswith("new_card_other"):
        assert problem["next"]["href"] == "/registration/menu"
        assert "もう一度「登録」" in problem["help"]
    page = await person.get("/renewal/confirm")
    assert (page.status, page.title) == (409, "新しいICカードがまだ確認されていません")
    assert 'href="/renewal/exchange"' in page.html


async def test_what_another_tab_changed_is_not_signed_unseen(person: Visitor) -> None:
    page = await to_confirmation(person, successor(person))
    await announce(person, successor(person, 123))
    status, problem = await person.call("/api/renewal/acceptance/begin", {"shown": page.data("shown")})
    assert (status, problem["code"], problem["next"]["href"]) == (409, "renewal_changed", "/renewal")


async def test_the_handovers_time_is_over(person: Visitor) -> None:
    await to_exchange(person)
    person.made.wait(minutes=30)
    page = await person.get("/renewal/exchange")
    assert (page.status, page.title) == (409, "引継ぎの期限が過ぎました")
    assert 'href="/renewal"' in page.html


@pytest.mark.parametrize("path", ["/renewal/exchange", "/renewal/confirm"])
async def test_before_the_handover_no_exchange(person: Visitor, path: str) -> None:
    await person.login(purpose=Purpose.RENEWAL)
    page = await person.get(path)
    assert (page.status, page.title) == (409, "旧ICカードの引継ぎが必要です")


async def test_before_the_renewal_no_completion(person: Visitor) -> None:
    await person.login(purpose=Purpose.RENEWAL)
    assert (await person.get("/renewal/complete")).title == "ICカード更新は行われていません"


@pytest.mark.parametrize("path", ["/renewal", "/renewal/handover", "/renewal/complete"])
async def test_without_login_no_page(person: Visitor, path: str) -> None:
    await person.get("/registration/menu")
    page = await person.get(path)
    assert (page.status, page.title) == (403, "ICカードでの確認が必要です")


async def test_an_unregistered_card_is_led_to_its_registration(person: Visitor) -> None:
    page = await person.login(successor(person), Purpose.RENEWAL)
    assert (page.status, page.title) == (404, "このICカードはまだ登録されていません")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/renewal/handover/begin", {"shown": ""}),
        ("/api/renewal/handover/begin", {"shown": "", "old": "", "new": "***", "division": ""}),
        ("/api/renewal/announce", {"certificate": 1}),
        ("/api/renewal/announce", {"certificate": "日本語"}),
        ("/api/renewal/announce", {}),
        ("/api/renewal/acceptance/begin", {}),
        ("/api/renewal/acceptance/finish", {"statement": 1}),
    ],
)
async def test_bodies_of_another_shape(person: Visitor, path: str, body: Any) -> None:
    await to_exchange(person)
    status, problem = await person.call(path, body)
    assert (status, problem["code"]) == (400, "bad_request")


async def test_bytes_that_are_no_certificate(person: Visitor) -> None:
    await to_exchange(person)
    status, problem = await person.call("/api/renewal/announce", {"certificate": "AAAA"})
    assert (status, problem["code"]) == (400, "certificate_malformed")


async def test_an_expired_card_is_led_to_the_registration(person: Visitor) -> None:
    await person.get("/registration/menu")
    page = await person.get("/renewal/expired")
    assert (page.status, page.title) == (409, "旧ICカードの有効期限が切れています")
    assert "もう一度「登録」" in page.text
    assert 'href="/registration/menu"' in page.html


async def test_an_expired_card_hands_over_where_the_agency_lets_it(tmp_path: Path) -> None:
    async with expired_desk(tmp_path) as at:
        at.made.configure(renewal=RenewalSettings(expired_old_card=ExpiredCard.ACCEPT))
        async with visitor(at.made) as person:
            await person.get("/registration/menu")
            assert (await person.get("/renewal/expired")).status == 200
            page = await person.submit("/renewal/handover", {"old": encoded(at.old), "new": ""})
            assert page.title == "旧ICカードの引継ぎ"
            assert (await hand_over(person, page, at.old))[0] == 200
            assert (await person.get("/renewal")).status == 403  # still no login
            assert (await announce(person, at.new))[0] == 200
            page = await person.get("/renewal/confirm")
            status, answer = await accept(person, page, at.new)
            assert (status, answer["companyId"]) == (200, at.registration.company_id)
            assert (await person.get("/renewal/complete")).title == "ICカードの更新が完了いたしました"
