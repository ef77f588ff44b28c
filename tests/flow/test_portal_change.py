"""変更 and 照会・再印刷 over HTTP, through the real application, store and verification."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.registration.purposes import Purpose
from tests.flow.portal_site import Page, Visitor, visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, world

NEW = {**FORM, "company_fax": "083-934-2711"}


@pytest.fixture
async def holder(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody with a registered card, not logged in."""
    async with world(tmp_path) as made:
        await made.register()
        async with visitor(made) as opened:
            yield opened


async def colleague(holder: Visitor) -> pki.Card:
    card = holder.made.authority.issue(122, pki.subject(holder="秘密 花子"))
    await holder.made.register(card)
    await holder.made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'registered'").rowcount)
    return card


async def filled(holder: Visitor, typed: dict[str, str]) -> Page:
    await holder.login(purpose=Purpose.CHANGE)
    return await holder.submit("/change", {**typed, "step": "confirm"})


def facts(page: Page) -> list[tuple[str, str]]:
    return re.findall(r"<div><dt>([^<]*)</dt><dd[^>]*>([^<]*)</dd></div>", page.html)


async def test_a_change_from_the_menu_to_the_sheet(holder: Visitor) -> None:
    form = await holder.login(purpose=Purpose.CHANGE)
    assert (form.url, form.title) == ("/change", "登録内容の変更")
    assert {name: form.value(name) for name in FORM} == FORM
    confirm = await holder.submit("/change", {**NEW, "step": "confirm"})
    assert (confirm.url, confirm.title) == ("/change/confirm", "変更内容確認")
    assert "変更する項目 （1件） 企業情報：代表FAX番号" in confirm.text

    request = await holder.begin("change", {"shown": confirm.data("shown")})
    status, answer = await holder.finish("change", holder.made.signed(request))
    assert (status, answer) == (200, {"next": "/change/complete", "companyId": "9991000000000001"})
    complete = await holder.get(answer["next"])
    assert complete.title == "登録内容の変更が完了いたしました"
    assert "企業IDは 9991000000000001 です。" in complete.text
    sheet = await holder.get("/registration/sheet")
    assert ("代表FAX番号", "083-934-2711") in facts(sheet)
    assert "変更前" not in sheet.text
    assert "変更日時：2026/11/24 10:02" not in sheet.text  # the clock stood still: nothing is later than 登録日時


async def test_the_receipt_is_of_the_change(holder: Visitor) -> None:
    confirm = await filled(holder, NEW)
    cms = holder.made.signed(await holder.begin("change", {"shown": confirm.data("shown")}))
    await holder.finish("change", cms)
    assert 'href="/registration/receipt">受領データの保存' in (await holder.get("/change/complete")).html
    async with holder.client.get("/registration/receipt") as kept:
        assert await kept.read() == cms


async def test_the_confirmation_shows_exactly_what_is_signed(holder: Visitor) -> None:
    confirm = await filled(holder, NEW)
    request = await holder.begin("change", {"shown": confirm.data("shown")})
    signed = []
    for section in request.payload["sections"]:
        for line in section["value"]:
            lines = [line] if isinstance(line["value"], str) else line["value"]
            signed += [(each["label"], each["value"]) for each in lines]
    assert facts(confirm) == signed
    assert re.findall(r'<div class="changed"><dt>(.*?)</dt>', confirm.html) == ["代表FAX番号"]
    assert confirm.data("certificate") == holder.made.card.sha256


async def test_back_and_the_page_script_keep_what_was_typed(holder: Visitor) -> None:
    await holder.login(purpose=Purpose.CHANGE)
    back = await holder.submit("/change", {**FORM, "company_phone": "まだ途中", "step": "back"})
    assert back.url == "/registration/menu"
    assert (await holder.get("/change")).value("company_phone") == "まだ途中"
    assert (await holder.submit("/api/change/keep", {**FORM, "company_phone": "083"})).status == 204
    assert (await holder.get("/change")).value("company_phone") == "083"


async def test_the_same_contents_are_copied_without_a_script(holder: Visitor) -> None:
    await holder.login(purpose=Purpose.CHANGE)
    page = await holder.submit("/change", {**FORM, "contact_person": "窓口 一郎", "step": "copy"})
    assert (page.value("contact_person"), page.value("card_person")) == ("窓口 一郎", "窓口 一郎")


async def test_wrong_fields_are_named_and_stay(holder: Visitor) -> None:
    page = await filled(holder, {**FORM, "contact_mail": "a,b@example.co.jp"})
    assert (page.status, page.title) == (422, "登録内容の変更")
    for name in ("contact_mail", "contact_mail_again"):
        assert f'<li><a href="#{name}">' in page.html
    assert page.value("contact_mail") == "a,b@example.co.jp"
    assert (await holder.get("/change/confirm")).url == "/change?check=1"
    status, problem = await holder.call("/api/change/begin", {"shown": ""})
    assert (status, problem["code"], problem["next"]["href"]) == (422, "form_incomplete", "/change?check=1")


async def test_nothing_changed(holder: Visitor) -> None:
    page = await filled(holder, FORM)
    assert (page.status, page.title) == (422, "登録内容の変更")
    assert "変更された項目がありません" in page.text
    assert page.inquiry
    assert page.value("contact_mail") == FORM["contact_mail"]
    confirm = await holder.get("/change/confirm")
    assert (confirm.status, confirm.title) == (422, "変更された項目がありません")
    assert 'href="/change"' in confirm.html


async def test_a_form_changed_in_another_tab_is_not_signed_unseen(holder: Visitor) -> None:
    confirm = await filled(holder, NEW)
    await holder.submit("/change", {**NEW, "company_department": "総務部", "step": "confirm"})
    status, problem = await holder.call("/api/change/begin", {"shown": confirm.data("shown")})
    assert (status, problem["code"]) == (409, "content_changed")
    assert problem["next"] == {"href": "/change/confirm", "label": "変更内容確認へ戻る"}


async def test_one_card_of_several_is_told_that_it_changes_the_companys_part_for_all(holder: Visitor) -> None:
    said = "この企業IDには、ほかに1枚のICカードが登録されています。"
    assert said not in (await holder.login(purpose=Purpose.CHANGE)).text
    await colleague(holder)
    assert said in (await holder.login(purpose=Purpose.CHANGE)).text
    assert said in (await holder.submit("/change", {**NEW, "step": "confirm"})).text


async def test_another_cards_change_meanwhile_is_shown_and_nothing_typed_is_lost(holder: Visitor) -> None:
    card = await colleague(holder)
    await filled(holder, NEW)
    async with visitor(holder.made) as other:
        await other.login(card, Purpose.CHANGE)
        theirs = {**FORM, "company_fax": "083-000-0001", "contact_person": "窓口 一郎"}
        confirm = await other.submit("/change", {**theirs, "step": "confirm"})
        request = await other.begin("change", {"shown": confirm.data("shown")})
        assert (await other.finish("change", holder.made.signed(request, card)))[0] == 200

    refused = await holder.get("/change/confirm")
    assert (refused.status, refused.title) == (409, "登録内容が別のICカードで変更されています")
    assert 'href="/change"' in refused.html
    page = await holder.submit("/change", {**NEW, "step": "confirm"})
    assert page.status == 409
    assert (page.value("company_fax"), page.value("contact_person")) == ("083-934-2711", "窓口 一郎")
    assert "企業情報：代表FAX番号 ：「044-812-86812」から「083-000-0001」に変更されています。" in page.text
    assert "入力した内容「083-934-2711」で登録すると、この変更は置き換えられます。" in page.text
    assert "代表窓口情報：連絡先氏名 ：「日立 次郎」から「窓口 一郎」に変更されています。" in page.text
    again = {name: page.value(name) for name in FORM}
    confirm = await holder.submit("/change", {**again, "step": "confirm"})
    assert ("変更前", "083-000-0001") in facts(confirm)


async def test_completion_without_a_change_leads_to_the_form(holder: Visitor) -> None:
    await holder.login(purpose=Purpose.CHANGE)
    assert (await holder.get("/change/complete")).url == "/change"


@pytest.mark.parametrize("path", ["/change", "/change/confirm", "/change/complete", "/inquiry"])
async def test_without_login_no_page(holder: Visitor, path: str) -> None:
    page = await holder.get(path)
    assert (page.status, page.title) == (403, "ICカードでの確認が必要です")
    assert 'href="/registration/menu"' in page.html


async def test_a_provisional_card_is_told_that_it_still_waits(holder: Visitor) -> None:
    card = holder.made.authority.issue(130, pki.subject("無関係株式会社"))
    await holder.made.register(card)
    assert "変更しても、山口市の確認が終わるまで仮登録のままです。" in (await holder.login(card, Purpose.CHANGE)).text
    confirm = await holder.submit("/change", {**NEW, "step": "confirm"})
    request = await holder.begin("change", {"shown": confirm.data("shown")})
    await holder.finish("change", holder.made.signed(request, card))
    assert "このICカードは仮登録のままです。" in (await holder.get("/change/complete")).text


async def test_what_is_registered_can_be_asked_for_at_any_time(holder: Visitor) -> None:
    await colleague(holder)
    page = await holder.login(purpose=Purpose.INQUIRY)
    assert (page.url, page.title) == ("/inquiry", "照会・再印刷")
    assert facts(page)[:5] == [
        *(("状態", "登録済み"), ("企業ID", "9991000000000001"), ("業者番号", "000000101")),
        *(("登録日時", "2026/11/24 10:02"), ("このICカードの有効期限", "2032/11/20（あと2188日）")),
    ]
    assert len(facts(page)) == 5 + 8 + 7 + 10 + 3
    assert "ほかに1枚のICカードが登録されています。" in page.text
    assert "秘密" not in page.html
    assert "2026/11/24 10:02 登録 このICカード" in page.text
    assert "2026/11/24 10:02 登録（仮登録） ほかのICカード" in page.text
    assert (await holder.get("/registration/sheet")).title == "利用者情報"


EXPIRING = ("/registration/menu", "/registration/form", "/registration/confirm")
EXPIRING_REGISTERED = ("/registration/complete", "/change", "/change/confirm", "/change/complete", "/inquiry")


async def test_every_page_that_matters_tells_of_a_card_that_expires_soon(holder: Visitor) -> None:
    soon = holder.made.authority.issue(140, until=holder.made.time + timedelta(days=59))
    pages = []
    await holder.fill(soon)
    pages += [await holder.get(path) for path in EXPIRING]
    request = await holder.statement(await holder.get("/registration/confirm"))
    await holder.finish("registration", holder.made.signed(request, soon))
    await holder.login(soon, Purpose.CHANGE)
    confirm = await holder.submit("/change", {**NEW, "step": "confirm"})
    pages += [await holder.get(path) for path in EXPIRING_REGISTERED[:3]]
    await holder.finish(
        "change", holder.made.signed(await holder.begin("change", {"shown": confirm.data("shown")}), soon)
    )
    pages += [await holder.get(path) for path in EXPIRING_REGISTERED[3:]]
    for page, path in zip(pages, EXPIRING + EXPIRING_REGISTERED, strict=True):
        assert page.url == path
        assert "有効期限は2027/01/22です（あと59日）。" in page.text, path


async def test_a_card_that_has_expired_since_its_login_is_told(holder: Visitor) -> None:
    card = holder.made.authority.issue(141, until=holder.made.time + timedelta(minutes=30))
    await holder.login(card)
    holder.made.wait(minutes=31)
    assert "このICカードの有効期限は切れています" in (await holder.get("/registration/menu")).text


async def test_a_card_with_years_left_is_left_alone(holder: Visitor) -> None:
    assert "有効期限が近づいています" not in (await holder.login(purpose=Purpose.INQUIRY)).text


async def test_a_visit_that_is_over_loses_nothing_that_was_typed_last(holder: Visitor) -> None:
    await holder.login(purpose=Purpose.CHANGE)
    holder.made.wait(minutes=61)
    page = await holder.submit("/change", {**NEW, "step": "confirm"})
    assert (page.status, page.title) == (403, "接続の時間が過ぎました")
    assert (await holder.login(purpose=Purpose.CHANGE)).value("company_fax") == "083-934-2711"
