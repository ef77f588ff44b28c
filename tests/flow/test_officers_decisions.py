"""受理, 不受理, 利用停止: signed by the officer's card, told by mail, in force for the bidder."""

from __future__ import annotations

import pytest

from portal.mail.sender import Sender
from portal.mail.smtp import Smtp
from portal.officers import reasons
from portal.registration.purposes import Purpose
from portal.store import State
from tests.flow.mail_office import plain
from tests.flow.mail_server import Post, mail_server
from tests.flow.officer_decisions import WHY, body, confirm, decide, mails, sign, stands
from tests.flow.officer_site import NAME, AtWork, waiting
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM

pytestmark = pytest.mark.usefixtures("either_database")

# 受理


async def test_accepted_by_a_signed_decision_and_told_over_smtp(officer: AtWork) -> None:
    made, post = officer.made, Post()
    asked = await waiting(made)
    await officer.login()
    page = await confirm(officer, asked.reception, "accepted", "電話で確認")
    assert page.title == "受理の確認"
    for said in (asked.company_id, "電話で確認"):
        assert said in page.text
    status, answer = await sign(officer, page)
    assert (status, answer) == (200, {"next": "/officers/registrations/R-000001?done=accepted"})
    shown = await officer.get(answer["next"])
    assert "受理しました。" in shown.text
    assert await stands(made, asked) is State.REGISTERED
    assert (await made.store.registrations_of(asked.company_id))[0].form["company_fax"] == FORM["company_fax"]
    async with mail_server(post) as port:
        await Sender(plain(port), made.store, Smtp(plain(port), "portal.test"), lambda: made.time).drain()
    told = [each for each in post.taken if str(each.message["Subject"]).endswith("利用申請 受理のお知らせ")]
    assert {each.recipient for each in told} == {FORM["contact_mail"], FORM["card_mail"]}
    assert asked.company_id in body(told[0].message)
    assert "電話で確認" not in body(told[0].message)  # the officer's note
    query = (
        "SELECT s.cms, s.type, l.who, l.before, l.after, l.reason FROM officer_log l"
        " JOIN statements s ON s.sha256 = l.statement WHERE l.act = 'accepted'"
    )
    [(cms, kind, *line)] = await made.store.read(lambda db: db.execute(query).fetchall())
    assert (kind, line) == ("officer-decision", [NAME, "provisional", "registered", "電話で確認"])
    assert asked.cms_sha256.encode() in cms  # it names what the holder signed


async def test_an_accepted_card_goes_on_as_a_registered_one(officer: AtWork) -> None:
    made = officer.made
    card = made.authority.issue(301, pki.subject(organization="別会社株式会社"))
    asked = await made.register(card)
    await officer.login()
    await decide(officer, asked.reception, "accepted")
    async with visitor(made) as bidder:
        page = await bidder.login(card, Purpose.INQUIRY)
        assert "登録済み" in page.text
        assert asked.company_id in page.text
        assert "受理" in page.text
        assert NAME not in page.text  # who decided is the agency's own


async def test_a_later_change_of_the_company_is_not_undone_by_an_acceptance(officer: AtWork) -> None:
    """What a second card signed months ago is not put in place of what the company signed since."""
    made = officer.made
    first = await made.register()
    asked = await made.register(made.authority.issue(302))
    made.wait(minutes=5)
    async with visitor(made) as bidder:
        await bidder.login(None, Purpose.CHANGE)
        page = await bidder.submit("/change", {**FORM, "company_fax": "083-000-0000", "step": "confirm"})
        request = await bidder.begin("change", {"shown": page.data("shown")})
        assert (await bidder.finish("change", made.signed(request)))[0] == 200
    await officer.login()
    await decide(officer, asked.reception, "accepted")
    cards = await made.store.registrations_of(first.company_id)
    assert [(each.state, each.form["company_fax"]) for each in cards] == [(State.REGISTERED, "083-000-0000")] * 2


# 不受理


async def test_refused_with_reasons_that_mail_and_inquiry_tell_and_registered_anew(officer: AtWork) -> None:
    made = officer.made
    card = made.authority.issue(301, pki.subject(organization="別会社株式会社"))
    asked = await made.register(card)
    await officer.login()
    page = await decide(officer, asked.reception, "refused", WHY)
    assert "不受理としました。" in page.text
    told = [each for each in await mails(made) if "利用申請 不受理のお知らせ" in each[1]]
    assert {each[0] for each in told} == {FORM["contact_mail"], FORM["card_mail"]}
    for said in ("・委任状を確認できません。", "・担当課へ提出してください。", "R-000001"):
        assert said in told[0][2]
    assert asked.company_id not in told[0][2]
    async with visitor(made) as bidder:
        inquiry = await bidder.login(card, Purpose.INQUIRY)
        assert "不受理の理由 委任状を確認できません。 担当課へ提出してください。" in inquiry.text
        assert asked.company_id not in inquiry.html
        assert (await bidder.get("/registration/sheet")).status == 404
        change = await bidder.get("/change")
        assert (change.status, change.title) == (409, "この利用申請は不受理になりました")
        confirm_page = await bidder.fill(card)  # and registers anew
        status, _ = await bidder.finish("registration", made.signed(await bidder.statement(confirm_page), card))
        assert status == 200
    assert await stands(made, asked) is State.PROVISIONAL
    again = await officer.get("/officers/registrations/R-000001")
    assert again.text.count("不受理") >= 2  # history and log keep it


@pytest.mark.parametrize("act", ["refused", "stopped"])
async def test_no_reason_no_decision(officer: AtWork, act: str) -> None:
    made = officer.made
    asked = await (waiting(made) if act == "refused" else made.register())
    await officer.login()
    page = await confirm(officer, asked.reception, act, " \n ")
    assert page.status == 422
    assert "理由を入力してください。" in page.text
    assert await stands(made, asked) is asked.state


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("あ" * 401, "理由は400文字までです。いまは401文字あります。"),
        ("\n".join("あ" * 11), "理由は10行までです。"),
        ("a\u202eb", "表示できない文字"),
        ("a\u0000b", "表示できない文字"),
    ],
)
async def test_a_reason_beyond_its_limits_is_refused_kindly(officer: AtWork, reason: str, said: str) -> None:
    asked = await waiting(officer.made)
    await officer.login()
    page = await confirm(officer, asked.reception, "refused", reason)
    assert page.status == 422
    assert said in page.text
    assert "問い合わせ番号" in page.text


def test_reasons_as_long_as_they_may_be() -> None:
    assert reasons.checked("あ" * 400, required=True) == "あ" * 400
    assert reasons.checked(" a \r\n b\rc ", required=True) == "a\nb\nc"
    assert reasons.checked("", required=False) == ""


# 利用停止


async def test_a_stopped_card_is_out_at_once_and_back_when_it_is_lifted(officer: AtWork) -> None:
    made = officer.made
    registered = await made.register()
    async with visitor(made) as bidder:
        await bidder.login(None, Purpose.INQUIRY)
        await officer.login()
        await decide(officer, registered.reception, "stopped", "カードの紛失の届け")
        assert (await bidder.get("/inquiry")).status == 403  # its visit has ended
        await bidder.get("/registration/menu")
        asked = await bidder.begin(f"login/{Purpose.INQUIRY}", {"division": ""})
        status, problem = await bidder.finish(f"login/{Purpose.INQUIRY}", made.signed(asked))
        assert (status, problem["code"]) == (409, "card_stopped")
        assert await made.store.taken(registered.number, "")  # the number is not free for the next one
        await decide(officer, registered.reception, "resumed")
        assert (await bidder.login(None, Purpose.INQUIRY)).status == 200
    subjects = [subject for _, subject, _ in await mails(made)]
    assert [each for each in subjects if "停止" in each] == [
        "【山口市電子入札】ICカード利用停止のお知らせ",
        "【山口市電子入札】ICカード利用停止解除のお知らせ",
    ]
