"""The procedure's road over HTTP, through the real application, store and verification."""

from __future__ import annotations

import re

import pytest

from portal.form import fields
from portal.registration.purposes import Purpose
from portal.signatures.statement import confirmation_number
from tests.flow.portal_site import Page, Visitor, visitor
from tests.procedure.example import CARD_SECTION, COMPANY_SECTION, SIGNED
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH

pytestmark = pytest.mark.usefixtures("either_database")


def facts(page: Page) -> list[tuple[str, str]]:
    """The label: value lines of a page, in order."""
    return re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.html)


async def test_registers_as_in_the_procedure(person: Visitor) -> None:
    screens = ["/", "/divisions", "/divisions/goods", "/registration", "/registration/menu"]
    titles = [(await person.get(path)).title for path in screens]
    assert titles == [
        "山口市電子入札ポータルサイト",
        "「調達機関・工事、コンサル／物品、役務／少額物品」選択画面",
        "「利用者登録／電子入札」選択画面",
        "利用者登録処理",
        "利用者登録メニュー",
    ]
    assert (await person.login()).title == "資格審査情報検索"
    assert (await person.submit("/registration/search", SEARCH)).title == "利用者登録"
    confirm = await person.submit("/registration/form", {**FORM, "step": "confirm"})
    assert (confirm.url, confirm.title) == ("/registration/confirm", "登録内容確認")

    cms = person.made.signed(await person.statement(confirm))
    status, answer = await person.finish("registration", cms)
    assert (status, answer) == (200, {"next": "/registration/complete", "companyId": "9991000000000001"})
    assert await person.made.store.stored_cms("9991000000000001") == [cms]

    complete = await person.get("/registration/complete")
    assert "企業IDは 9991000000000001 です。" in complete.text
    sheet = await person.get("/registration/sheet")
    assert facts(sheet) == [("企業ID", "9991000000000001"), *facts(confirm)[:-3]]  # without ICカード情報
    assert "登録日時：2026/11/24 10:02" in sheet.text

    ended = await person.submit("/registration/end", {})
    assert (ended.url, ended.title) == ("/ended", "終了しました")
    assert (await person.get("/registration/complete")).title == "ICカードでの確認が必要です"


async def test_the_confirmation_shows_what_is_signed_and_the_card_that_was_verified(person: Visitor) -> None:
    confirm = await person.fill()
    request = await person.statement(confirm)
    signed = [(line["label"], line["value"]) for part in request.payload["sections"] for line in part["value"]]
    assert facts(confirm) == signed
    assert signed == [line for section in SIGNED for line in section.lines]
    assert confirm.data("certificate") == person.made.card.sha256
    kind, action, aud, nonce, payload, confirmation = request
    assert confirmation == confirmation_number(kind, action, aud, nonce, payload)
    assert number(confirm) == confirmation


def number(confirm: Page) -> str:
    """確認番号 as the page shows it."""
    return "".join(re.findall(r"<span>確認番号</span> <strong>(\d{4}) (\d{4})</strong>", confirm.html)[0])


async def test_the_number_of_a_page_stays_while_its_content_does(person: Visitor) -> None:
    first = await person.fill()
    person.made.wait(minutes=14)
    again = await person.get("/registration/confirm")
    person.made.wait(minutes=14)
    assert number(first) == number(again) == (await person.statement(again)).confirmation
    changed = await person.submit("/registration/form", {**FORM, "company_department": "総務部", "step": "confirm"})
    assert number(changed) != number(first)
    person.made.wait(minutes=16)
    assert number(await person.get("/registration/confirm")) != number(changed)


async def test_the_form_has_every_field_of_the_procedure_with_its_label_and_limit(person: Visitor) -> None:
    await person.login()
    page = await person.submit("/registration/search", SEARCH)
    for field in fields.form_fields():
        assert re.search(rf'<label for="{field.name}">{re.escape(field.label)} ', page.html), field
        assert f'<p class="hint" id="{field.name}-hint">{field.hint}</p>' in page.html
        described = f"{field.name}-hint {field.name}-note" if field.note else f"{field.name}-hint"
        assert f'aria-describedby="{described}"' in page.html
        assert field.note in page.text
    assert facts(page) == [*COMPANY_SECTION.lines[:5], *CARD_SECTION.lines[:3]]


async def test_the_same_contents_are_copied_without_a_script(person: Visitor) -> None:
    await person.login()
    await person.submit("/registration/search", SEARCH)
    contact = {name: value for name, value in FORM.items() if not name.startswith("card_")}
    page = await person.submit("/registration/form", {**contact, "step": "copy"})
    assert {name: page.value(name) for name in FORM} == FORM


async def test_an_offered_value_is_taken_without_a_script(person: Visitor) -> None:
    await person.login()
    form = await person.submit("/registration/search", SEARCH)
    offered = re.findall(r'name="take:company_department" value="([^"]*)"', form.html)
    assert offered == ["北東組株式会社"]
    typed = {"contact_person": "日立 次郎", "take:company_department": offered[0]}
    page = await person.submit("/registration/form", typed)
    assert (page.status, page.value("company_department"), page.value("contact_person")) == (
        *(200, "北東組株式会社"),
        "日立 次郎",
    )
    assert re.search(r'data-while-empty="company_department" hidden', page.html)


async def test_back_keeps_what_was_typed_unchecked(person: Visitor) -> None:
    await person.login()
    await person.submit("/registration/search", SEARCH)
    back = await person.submit("/registration/form", {"company_phone": "まだ途中", "step": "back"})
    assert (back.url, back.value("number")) == ("/registration/search", SEARCH["number"])
    form = await person.submit("/registration/search", SEARCH)
    assert form.value("company_phone") == "まだ途中"
    assert "入力内容を直してください" not in form.text


async def test_what_is_being_typed_is_kept_by_the_page_script(person: Visitor) -> None:
    await person.login()
    await person.submit("/registration/search", SEARCH)
    kept = await person.submit("/api/registration/keep", {"contact_person": "日立 次"})
    assert kept.status == 204
    assert (await person.get("/registration/form")).value("contact_person") == "日立 次"


async def test_the_portal_restarted_in_mid_form(person: Visitor) -> None:
    await person.login()
    await person.submit("/registration/search", SEARCH)
    await person.submit("/registration/form", {**FORM, "contact_fax": "まちがい", "step": "confirm"})
    await person.made.restart()
    async with visitor(person.made) as again:
        cookies = person.client.session.cookie_jar.filter_cookies(person.client.make_url("/"))
        again.client.session.cookie_jar.update_cookies(
            {name: morsel.value for name, morsel in cookies.items()}, again.client.make_url("/")
        )
        form = await again.get("/registration/form")
        assert form.value("contact_fax") == "まちがい"
        assert form.value("contact_mail") == FORM["contact_mail"]
        confirm = await again.submit("/registration/form", {**FORM, "step": "confirm"})
        status, _ = await again.finish("registration", person.made.signed(await again.statement(confirm)))
        assert status == 200


async def test_a_company_name_is_text_and_never_markup(person: Visitor) -> None:
    name = '<img src=x onerror="alert(1)">株式会社'
    await person.made.store.write(lambda db: db.execute("UPDATE contractors SET name = ?", (name,)).rowcount)
    await person.login()
    page = await person.submit("/registration/search", {**SEARCH, "name": name})
    assert page.url == "/registration/form"
    assert "<img" not in page.html
    assert "&lt;img src=x" in page.html


async def test_another_organisations_card_ends_as_provisional(person: Visitor) -> None:
    card = person.made.authority.issue(130, pki.subject("無関係株式会社"))
    confirm = await person.fill(card)
    status, _ = await person.finish("registration", person.made.signed(await person.statement(confirm), card))
    assert status == 200
    complete = await person.get("/registration/complete")
    assert complete.title == "利用者情報を受け付けました（仮登録）"
    assert "仮登録日時" in (await person.get("/registration/sheet")).text


async def test_the_identical_cms_again_gets_the_same_answer(person: Visitor) -> None:
    cms = person.made.signed(await person.statement(await person.fill()))
    first = await person.finish("registration", cms)
    assert first[0] == 200
    assert await person.finish("registration", cms) == first
    assert await person.made.count("registrations") == 1


async def test_the_menu_has_its_four_businesses_and_each_login_says_which(person: Visitor) -> None:
    page = await person.get("/registration/menu")
    buttons = re.findall(r'data-purpose="(\w+)" disabled>(.*?)</button>', page.html)
    assert [label for _, label in buttons] == ["登録", "変更", "ICカード更新", "照会・再印刷"]
    for purpose, label in buttons:
        request = await person.begin(f"login/{purpose}", {"division": ""})
        assert (request.type, request.action) == ("login", f"利用者登録（{label}）のログイン")
        (section,) = request.payload["sections"]
        assert section["value"][-1] == {"label": "業務", "value": f"利用者登録（{label}）"}


async def test_the_menu_leads_on_to_what_the_card_logged_in_for(person: Visitor) -> None:
    await person.login(purpose=Purpose.RENEWAL)
    assert _go(await person.get("/registration/menu")) == ("/registration/search", "「登録」へ進む")
    await person.login()
    assert _go(await person.get("/registration/menu")) == ("/registration/search", "このまま「登録」を続ける")
    await person.made.register()
    assert _go(await person.get("/registration/menu")) == ("/inquiry", "「照会・再印刷」へ進む")
    await person.login(purpose=Purpose.RENEWAL)
    assert _go(await person.get("/registration/menu")) == ("/renewal", "このまま「ICカード更新」を続ける")


def _go(page: Page) -> tuple[str, str]:
    ((href, label),) = re.findall(r'<a class="go" href="([^"]+)">([^<]+)</a>', page.html)
    return href, label


async def test_nothing_else_is_promised_for_later(person: Visitor) -> None:
    assert (await person.get("/preparing/other")).status == 404


async def test_the_clock_is_the_servers(person: Visitor) -> None:
    async with person.client.get("/api/clock") as response:
        assert await response.json() == {"now": "2026-11-24T01:02:03.000Z"}
