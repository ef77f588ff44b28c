"""Every way off the road over HTTP: a clear Japanese message, a 問い合わせ番号 that is in the log, nothing lost."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from portal import texts
from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.search.search import Search
from portal.web import menu, notices
from tests.flow.portal_site import Visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.__dict__["facts"] for record in caplog.records if record.getMessage() == "refused"]


async def test_search_problems_stand_at_their_fields_and_in_the_summary(
    person: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.web")
    await person.login()
    typed = {"number": "００００００１０１", "name": "", "user_id": "ID123123", "password": "111111"}
    page = await person.submit("/registration/search", typed)
    assert page.status == 422
    for name in typed:
        assert f'<li><a href="#{name}">' in page.html
        assert f'id="{name}-problem"' in page.html
        assert f'aria-describedby="{name}-hint {name}-problem"' in page.html
    assert (page.value("number"), page.value("user_id"), page.value("password")) == (
        "００００００１０１",
        "ID123123",
        "",
    )
    assert 'name="take:number" value="000000101"' in page.html
    assert logged(caplog)[-1] == {
        "inquiry": page.inquiry,
        "code": "form_incomplete",
        "method": "POST",
        "path": "/registration/search",
        "fact": "number,name,user_id,password",
    }


async def test_an_unknown_contractor(person: Visitor) -> None:
    await person.login()
    page = await person.submit("/registration/search", {**SEARCH, "number": "999999999"})
    assert page.status == 422
    assert "この業者番号は資格審査情報にありません。" in page.text
    assert page.value("name") == SEARCH["name"]


async def test_every_wrong_field_of_the_form_is_named_and_nothing_typed_is_lost(
    person: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await person.login()
    await person.submit("/registration/search", SEARCH)
    wrong = {
        "contact_mail": "hokuto,001@example.co.jp",
        "card_phone": "０８３９３４２７１０",
        "contact_person": "髙橋①",
    }
    page = await person.submit("/registration/form", {**FORM, **wrong, "company_fax": "", "step": "confirm"})
    assert page.status == 422
    assert page.title == "利用者登録"
    for name in (*wrong, "company_fax", "contact_mail_again"):
        assert f'<li><a href="#{name}">' in page.html
    assert "（5件）" in page.text
    for name, value in {**FORM, **wrong, "company_fax": ""}.items():
        assert page.value(name) == value
    assert (await person.get("/registration/form")).value("contact_mail") == "hokuto,001@example.co.jp"
    everything = "\n".join(f"{record.getMessage()} {record.__dict__.get('facts')}" for record in caplog.records)
    for typed in (*wrong.values(), FORM["contact_address"], FORM["company_phone"], "北東"):
        assert typed not in everything


async def test_an_incomplete_form_leads_back_to_its_problems(person: Visitor) -> None:
    await person.login()
    await person.submit("/registration/search", SEARCH)
    page = await person.get("/registration/confirm")
    assert (page.url, page.title) == ("/registration/form?check=1", "利用者登録")
    assert "（19件）" in page.text
    status, problem = await person.call("/api/registration/begin", {"shown": ""})
    assert (status, problem["code"], problem["next"]["href"]) == (422, "form_incomplete", "/registration/form?check=1")


STATEMENTS: dict[str, Callable[[Visitor, Any], bytes]] = {
    "origin_mismatch": lambda person, request: person.made.signed(request, origin="https://evil.example"),
    "audience_mismatch": lambda person, request: person.made.signed(request, aud="https://other.example"),
    "payload_mismatch": lambda person, request: person.made.signed(request, payload={}),
    "nonce_unknown": lambda person, request: person.made.signed(request, nonce="A" * 43),
    "statement_type": lambda person, request: person.made.signed(request, type="login"),
    "certificate_mismatch": lambda person, request: person.made.signed(request, person.made.authority.issue(122)),
    "cms_malformed": lambda person, request: person.made.signed(request)[:-1],
}


@pytest.mark.parametrize("code", STATEMENTS)
async def test_a_refused_statement_says_so_and_the_right_one_still_goes(
    person: Visitor, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    caplog.set_level(logging.INFO, "portal.web")
    request = await person.statement(await person.fill())
    status, problem = await person.finish("registration", STATEMENTS[code](person, request))
    assert status == notices.status(code)
    assert problem["code"] == code
    assert problem["type"] == f"urn:card-bridge:problem:{code}"
    assert (problem["title"], problem["detail"], problem["help"]) == notices.notice(code)
    agency = person.made.portal.settings.agency.contact
    contact = {"department": agency.department, "telephone": agency.telephone}
    assert problem.get("contact") == (contact if texts.whom(code) == "agency" else None)
    assert (logged(caplog)[-1]["inquiry"], logged(caplog)[-1]["code"]) == (problem["inquiry"], code)
    assert await person.made.count("registrations") == 0
    assert (await person.finish("registration", person.made.signed(request)))[0] == 200


async def test_an_expired_nonce_and_the_next_press(person: Visitor) -> None:
    confirm = await person.fill()
    request = await person.statement(confirm)
    person.made.wait(minutes=15)
    status, problem = await person.finish("registration", person.made.signed(request))
    assert (status, problem["code"]) == (409, "nonce_expired")
    assert "もう一度ボタンを押して" in problem["help"]
    assert (await person.finish("registration", person.made.signed(await person.statement(confirm))))[0] == 200


async def test_a_replayed_login_statement(person: Visitor) -> None:
    await person.get("/registration/menu")
    cms = person.made.signed(await person.begin("login/registration", {"division": ""}))
    assert (await person.finish("login/registration", cms))[0] == 200
    await person.get("/registration/menu")
    status, problem = await person.finish("login/registration", cms)
    assert (status, problem["code"]) == (409, "nonce_unknown")  # the new visit never gave out that nonce


async def test_a_revoked_card(person: Visitor) -> None:
    person.made.trust.crl(person.made.authority.crl(121, number=8))
    await person.get("/registration/menu")
    status, problem = await person.finish(
        "login/registration", person.made.signed(await person.begin("login/registration", {"division": ""}))
    )
    assert (status, problem["title"]) == (400, "失効したICカードです")


async def test_a_foreign_card(person: Visitor) -> None:
    card = pki.Authority(pki.ISSUER, pki.rsa_key("another authority")).issue()
    await person.get("/registration/menu")
    status, problem = await person.finish(
        "login/registration", person.made.signed(await person.begin("login/registration", {"division": ""}), card)
    )
    assert (status, problem["title"]) == (400, "利用できない認証局のICカードです")


async def test_the_form_changed_in_another_tab_is_not_signed_unseen(person: Visitor) -> None:
    confirm = await person.fill()
    await person.submit("/registration/form", {**FORM, "company_department": "総務部", "step": "confirm"})
    status, problem = await person.call("/api/registration/begin", {"shown": confirm.data("shown")})
    assert (status, problem["code"]) == (409, "content_changed")
    assert problem["next"] == {"href": "/registration/confirm", "label": "登録内容確認へ戻る"}


async def test_a_registered_card_is_led_to_its_registration(person: Visitor) -> None:
    await person.finish("registration", person.made.signed(await person.statement(await person.fill())))
    for path in ("/registration/search", "/registration/form", "/registration/confirm"):
        page = await person.get(path)
        assert (page.status, page.title) == (409, "登録済みのICカードです")
        assert 'href="/inquiry"' in page.html
        assert 'href="/change"' in page.html


@pytest.mark.parametrize(
    "path", [f"/registration/{name}" for name in ("search", "form", "confirm", "complete", "sheet")]
)
async def test_without_login_no_page(person: Visitor, path: str) -> None:
    page = await person.get(path)
    assert (page.status, page.title) == (403, "ICカードでの確認が必要です")
    assert 'href="/registration/menu"' in page.html
    assert page.inquiry


async def test_before_search_no_form(person: Visitor) -> None:
    await person.login()
    page = await person.get("/registration/form")
    assert (page.status, page.title) == (409, "資格審査情報の検索が必要です")


async def test_before_registration_no_completion(person: Visitor) -> None:
    await person.login()
    assert (await person.get("/registration/complete")).title == "このICカードはまだ登録されていません"


@pytest.mark.parametrize("purpose", [Purpose.CHANGE, Purpose.RENEWAL, Purpose.INQUIRY])
async def test_a_card_that_is_not_registered_is_led_to_the_registration(person: Visitor, purpose: Purpose) -> None:
    page = await person.login(purpose=purpose)
    assert (page.status, page.url) == (404, menu.PAGES[purpose])
    assert page.title == "このICカードはまだ登録されていません"
    assert (await person.get(re.findall(r'class="button" href="([^"]+)"', page.html)[0])).title == "資格審査情報検索"


async def test_a_card_whose_place_another_took_cannot_log_in(person: Visitor) -> None:
    await person.finish("registration", person.made.signed(await person.statement(await person.fill())))
    await person.made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'replaced'").rowcount)
    for purpose in Purpose:
        await person.get("/registration/menu")
        cms = person.made.signed(await person.begin(f"login/{purpose}", {"division": ""}))
        status, problem = await person.finish(f"login/{purpose}", cms)
        assert (status, problem["code"], problem["title"]) == (409, "card_replaced", "更新済みのICカードです")


async def test_a_login_for_one_business_is_none_for_another(person: Visitor) -> None:
    await person.get("/registration/menu")
    cms = person.made.signed(await person.begin("login/inquiry", {"division": ""}))
    status, problem = await person.finish("login/change", cms)
    assert (status, problem["code"]) == (400, "action_mismatch")
    assert (await person.finish("login/inquiry", cms))[0] == 200


async def test_a_business_that_the_menu_does_not_have(person: Visitor) -> None:
    await person.get("/registration/menu")
    status, problem = await person.call("/api/login/bidding/begin", {"division": ""})
    assert (status, problem["code"]) == (404, "not_found")


async def test_a_visit_that_is_over_loses_nothing_that_was_kept(person: Visitor) -> None:
    await person.fill()
    person.made.wait(minutes=61)
    page = await person.submit("/registration/form", {**FORM, "step": "confirm"})
    assert (page.status, page.title) == (403, "接続の時間が過ぎました")
    await person.login()
    assert (await person.get("/registration/form")).value("contact_mail") == FORM["contact_mail"]


async def test_a_fault_of_our_own_is_told_and_logged_without_what_was_typed(
    person: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("北東組株式会社")

    await person.login()
    monkeypatch.setattr(Search, "find", broken)
    page = await person.submit("/registration/search", SEARCH)
    assert (page.status, page.title) == (500, "ただいま処理できません")
    (fault,) = (facts for facts in logged(caplog) if facts["code"] == "internal")
    assert fault["inquiry"] == page.inquiry
    assert fault["fact"].startswith("RuntimeError at broken:")
    assert "北東組" not in fault["fact"]


async def test_problems_are_told_in_english_too(person: Visitor) -> None:
    await person.get("/registration/menu")
    _, problem = await person.call(
        "/api/login/registration/finish", {"statement": ""}, **{"Accept-Language": "en-US,en;q=0.9"}
    )
    assert problem["title"] == "The signature could not be confirmed"


def test_every_way_and_status_belongs_to_a_code_that_has_texts() -> None:
    for code in {*notices._WAYS, *notices._STATUSES}:
        for language in ("ja", "en"):
            assert all(notices.notice(code, language))
    with pytest.raises(KeyError):
        notices.notice("no_such_code")
    assert Refused("no_such_code").code == "no_such_code"
