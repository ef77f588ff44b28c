"""完了: what each sentence of the procedure says is on the page, and what it promises holds."""

from __future__ import annotations

import re

import pytest

from tests.flow.portal_site import Page, Visitor
from tests.procedure import tree
from tests.procedure.example import FORM
from tests.procedure.reading import read
from tests.procedure.tree import Element


@pytest.fixture
async def complete(person: Visitor) -> Page:
    """The page after a registration with two mail addresses."""
    typed = {**FORM, "card_mail": "card@example.jp", "card_mail_again": "card@example.jp", "step": "confirm"}
    await person.fill()
    confirm = await person.submit("/registration/form", typed)
    status, answer = await person.finish("registration", person.made.signed(await person.statement(confirm)))
    assert (status, answer["next"]) == (200, "/registration/complete")
    return await person.get("/registration/complete")


def element(page: Page, tag: str, words: str) -> Element:
    (found,) = (each for each in tree.parse(page.html).walk() if each.tag == tag and each.text == words)
    return found


def company_id(page: Page) -> str:
    (found,) = re.findall(r"企業IDは (\d+) です。", read(page.html).text)
    return str(found)


async def test_that_it_is_done_and_the_16_digits_of_its_id(person: Visitor, complete: Page) -> None:
    assert read(complete.html).parts[0].heading == "利用者情報の登録が完了いたしました"
    assert re.fullmatch(r"9991\d{12}", company_id(complete))


async def test_that_a_mail_is_sent_and_it_is(person: Visitor, complete: Page) -> None:
    assert "登録したメールアドレスに登録完了メールが送信されます。" in complete.text
    query = "SELECT recipient, subject FROM outbox"
    sent = await person.made.store.read(lambda db: db.execute(query).fetchall())
    subject = "【山口市電子入札】利用者登録完了のお知らせ"
    assert sorted(sent) == [("card@example.jp", subject), (FORM["contact_mail"], subject)]


async def test_where_to_go_when_no_mail_comes(person: Visitor, complete: Page) -> None:
    said = "メールが配信されない場合には、登録内容を再度ご確認のうえ、変更で修正してください。"
    assert said in read(complete.html).text
    change = await person.get(element(complete, "a", "変更").attributes["href"])
    assert (change.title, change.value("contact_mail")) == ("登録内容の変更", FORM["contact_mail"])


async def test_that_the_print_is_of_the_same_registration(person: Visitor, complete: Page) -> None:
    sheet = await person.get(element(complete, "a", "印刷").attributes["href"])
    assert f"利用者情報 企業ID {company_id(complete)} 企業情報" in read(sheet.html).text


async def test_how_to_end_and_that_it_ends(person: Visitor, complete: Page) -> None:
    assert "終わったら「終了」を押し、ブラウザを閉じてください。" in read(complete.html).text
    (form,) = (each for each in tree.parse(complete.html).walk() if each.attributes.get("id") == "end")
    assert [each.text for each in form.walk() if each.tag == "button"] == ["終了"]
    assert (await person.submit(form.attributes["action"], {})).title == "終了しました"
    assert (await person.get("/registration/complete")).title == "ICカードでの確認が必要です"
