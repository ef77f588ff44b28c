"""A 仮登録 over HTTP: why it waits, what comes next, whom to call, and that no 企業ID is told before it is accepted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from portal.registration.admission import Reason
from portal.registration.purposes import Purpose
from portal.registration.rules import RegistrationRules
from portal.store import companies
from portal.store.database import Database
from tests.flow.portal_site import Page, Visitor, visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, World, world

COMPANY = "9991000000000001"
REPRESENTATIVE, NAME = "日立 二郎", "北東組株式会社"


def issue(made: World, organization: str | None = NAME, holder: str = REPRESENTATIVE) -> pki.Card:
    return made.authority.issue(131, pki.subject(organization, holder))


CARDS: dict[Reason, Callable[[World], pki.Card]] = {
    Reason.ORGANIZATION_ABSENT: lambda made: issue(made, None),
    Reason.ORGANIZATION_DIFFERS: lambda made: issue(made, "無関係株式会社"),
    Reason.HOLDER_DIFFERS: lambda made: issue(made, holder="北東 次郎"),
    Reason.HOLDER_UNKNOWN: lambda made: issue(made, holder="Hitachi Jiro"),
    Reason.NUMBER_TAKEN: issue,
}
SAID = {
    Reason.ORGANIZATION_ABSENT: "ICカードの証明書に企業名称が記載されていないため、「北東組株式会社」の",
    Reason.ORGANIZATION_DIFFERS: "ICカードの企業名称「無関係株式会社」が、資格審査情報の商号又は名称",
    Reason.HOLDER_DIFFERS: "ICカードの取得者氏名「北東 次郎」が、代表者氏名「日立 二郎」と異なります。",
    Reason.HOLDER_UNKNOWN: "ICカードの取得者氏名「Hitachi Jiro」と代表者氏名「日立 二郎」は、文字が異なるため",
    Reason.NUMBER_TAKEN: "この業者番号では、すでに別のICカードが登録されています。",
}


@pytest.fixture
async def person(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody in front of a portal with the default rules."""
    async with world(tmp_path) as made:
        made.configure(registration=RegistrationRules())
        async with visitor(made) as opened:
            yield opened


async def waiting(person: Visitor, reason: Reason) -> tuple[Page, pki.Card]:
    """The completion page of a card that has this reason alone to wait."""
    if reason is Reason.NUMBER_TAKEN:
        await person.made.register(person.made.authority.issue(130, pki.subject(NAME, REPRESENTATIVE)))
    card = CARDS[reason](person.made)
    confirm = await person.fill(card)
    status, answer = await person.finish("registration", person.made.signed(await person.statement(confirm), card))
    assert (status, answer) == (200, {"next": "/registration/complete"})
    return await person.get(answer["next"]), card


def reasons(page: Page) -> list[str]:
    (section,) = re.findall(r'<section [^>]*id="waiting".*?</section>', page.html, re.S)
    (listed,) = re.findall(r"<ul>(.*?)</ul>", section, re.S)
    return ["".join(each.split("\n")).strip() for each in re.findall(r"<li>(.*?)</li>", listed, re.S)]


@pytest.mark.parametrize("reason", CARDS)
async def test_completion_and_inquiry_say_why_what_comes_next_and_whom_to_call(person: Visitor, reason: Reason) -> None:
    complete, card = await waiting(person, reason)
    inquiry = await person.login(card, Purpose.INQUIRY)
    reception = "R-000002" if reason is Reason.NUMBER_TAKEN else "R-000001"
    for page in (complete, inquiry):
        (said,) = reasons(page)
        assert said.startswith(SAID[reason])
        assert "このあとの流れ" in page.text
        assert "受理されると登録が完了し、そのときに企業IDをお知らせします。" in page.text
        assert f"受付番号 {reception} を添えて、下記へご連絡ください。" in page.text
        assert "山口市 総務部 契約監理課 入札監理担当 TEL 083-934-2710" in page.text
    assert f"受付番号は {reception} です。" in complete.text


async def test_a_card_that_cannot_be_checked_yet_is_told_so_and_need_not_sign_again(person: Visitor) -> None:
    card = issue(person.made)
    confirm = await person.fill(card)
    for path in person.made.trust.folders.crls.iterdir():
        path.unlink()
    signed = person.made.signed(await person.statement(confirm), card)
    assert await person.finish("registration", signed) == (200, {"next": "/registration/complete"})
    complete = await person.get("/registration/complete")
    (said,) = reasons(complete)
    assert said.startswith("認証局の最新の失効情報を、ただいま確認できません。")
    assert said.endswith("もう一度署名していただく必要はありません。")
    assert "利用者情報を受け付けました（仮登録）" in complete.text
    assert "ICカードを確かめしだい、結果をメールでお知らせします。" in complete.text
    assert "有効と分かると登録が完了し、そのときに企業IDをお知らせします。" in complete.text
    (body,) = await person.made.store.read(lambda db: db.execute("SELECT body FROM outbox").fetchone())
    assert "認証局の失効情報をまだ確認できません。" in body
    assert "電子入札システムが自動でICカードを確かめ" in body
    assert COMPANY not in complete.html
    person.made.trust.crl(person.made.authority.crl(number=9))
    assert await person.made.portal.registrar.recheck() == 1
    inquiry = await person.login(card, Purpose.INQUIRY)
    assert f"企業ID {COMPANY}" in inquiry.text
    assert "失効情報の確認（自動）" in inquiry.text


async def test_a_note_that_makes_nothing_wait_is_no_reason(person: Visitor) -> None:
    """The holder's name in another shape is a warning beside the reason."""
    card = issue(person.made, "無関係株式会社", "日立 二郞")
    confirm = await person.fill(card)
    await person.finish("registration", person.made.signed(await person.statement(confirm), card))
    (said,) = reasons(await person.get("/registration/complete"))
    assert said.startswith(SAID[Reason.ORGANIZATION_DIFFERS])


@pytest.mark.parametrize(
    ("holder", "heading", "said"),
    [
        ("日立 二郞", "ご確認ください", "は、文字の書き方だけが異なります。"),
        ("北東 次郎", "登録すると、仮登録になります", "が、代表者氏名「日立 二郎」と異なります。"),
    ],
)
async def test_form_and_confirmation_say_beforehand_what_will_come_of_it(
    person: Visitor, holder: str, heading: str, said: str
) -> None:
    confirm = await person.fill(issue(person.made, holder=holder))
    for page in (await person.get("/registration/form"), confirm):
        assert f"{heading} ICカードの取得者氏名「{holder}」" in page.text
        assert said in page.text


async def test_a_registration_that_is_accepted_names_no_reason(person: Visitor) -> None:
    card = issue(person.made)
    confirm = await person.fill(card)
    await person.finish("registration", person.made.signed(await person.statement(confirm), card))
    complete = await person.get("/registration/complete")
    assert "仮登録" not in complete.text
    assert f"企業IDは {COMPANY} です。" in complete.text


@pytest.mark.parametrize("reason", [Reason.NUMBER_TAKEN, Reason.ORGANIZATION_DIFFERS])
async def test_nothing_that_a_waiting_card_gets_names_the_company_id(person: Visitor, reason: Reason) -> None:
    """Pages, answers, what it signs, its receipt by name and content, 検証機能, mails to the addresses that it gave."""
    typed = {**FORM, **dict.fromkeys(("contact_mail", "contact_mail_again"), "stranger@example.org")}
    complete, card = await waiting(person, reason)
    paths = ("/registration/sheet", "/inquiry", "/registration/menu", "/registration/search", "/change")
    shown = [complete, *[await person.get(path) for path in paths]]
    confirm = await person.submit("/change", {**typed, "step": "confirm"})
    request = await person.begin("change", {"shown": confirm.data("shown")})
    status, answer = await person.finish("change", person.made.signed(request, card))
    shown += [confirm, await person.get("/change/complete")]
    async with person.client.get("/registration/receipt") as response:
        receipt, disposition = await response.read(), response.headers["Content-Disposition"]
    everything = [*(page.html for page in shown), repr(request), repr(answer), disposition, receipt.decode("latin-1")]
    mails = await person.made.store.read(
        lambda db: db.execute(
            "SELECT body FROM outbox WHERE recipient = 'stranger@example.org' OR subject LIKE '%仮登録%'"
        ).fetchall()
    )
    assert status == 200
    assert len(mails) == 2
    assert [each for each in (*everything, *(body for (body,) in mails)) if COMPANY in each] == []
    assert all("R-00000" in each for each in (complete.html, shown[1].html, shown[2].html, disposition, mails[0][0]))


async def test_the_company_id_is_told_once_it_is_accepted(person: Visitor) -> None:
    _, card = await waiting(person, Reason.ORGANIZATION_DIFFERS)
    ((registration,), now) = await person.made.store.registrations(), person.made.time

    def accept(db: Database) -> None:
        db.execute("UPDATE registrations SET state = 'registered'")
        companies.put_in_force(db, COMPANY, registration.contractor, registration.form, now)

    await person.made.store.write(accept)
    inquiry = await person.login(card, Purpose.INQUIRY)
    assert f"企業ID {COMPANY}" in inquiry.text
    assert "仮登録になった理由" not in inquiry.text
